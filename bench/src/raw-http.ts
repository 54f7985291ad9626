/** A lean HTTP/1.1 client over one socket, one request in flight: the load generator must not be the bottleneck. */
import { connect, type Socket } from 'node:net';

export interface RawReply {
  readonly status: number;
  readonly body: string;
}

/** The bytes of a POST; they can be made long before they are sent. */
export function postBytes(url: string, headers: Readonly<Record<string, string>>, body: string): Buffer {
  const { host, pathname } = new URL(url);
  let head = `POST ${pathname} HTTP/1.1\r\nHost: ${host}\r\nConnection: keep-alive\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`;
  for (const name in headers) head += `${name}: ${headers[name]}\r\n`;
  return Buffer.from(`${head}\r\n${body}`);
}

export class RawHttp {
  readonly #socket: Socket;
  #buffer: Buffer = Buffer.alloc(0);
  #waiting: { resolve: (reply: RawReply) => void; reject: (error: Error) => void } | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (bytes) => this.#read(bytes));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('connection closed')));
  }

  /** Opens a connection to `http://host:port`. */
  static open(url: string): Promise<RawHttp> {
    const { hostname, port } = new URL(url);
    return new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname);
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new RawHttp(socket));
      });
    });
  }

  /** Sends a whole request; resolves with status and text. Only one request at a time. */
  send(request: Uint8Array): Promise<RawReply> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #fail(error: Error): void {
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }

  #read(bytes: Buffer): void {
    this.#buffer = this.#buffer.length ? Buffer.concat([this.#buffer, bytes]) : bytes;
    const end = this.#buffer.indexOf('\r\n\r\n');
    if (end < 0) return;
    const head = this.#buffer.toString('latin1', 0, end);
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
    if (this.#buffer.length < end + 4 + length) return;
    const body = this.#buffer.toString('utf8', end + 4, end + 4 + length);
    this.#buffer = this.#buffer.subarray(end + 4 + length);
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve({ status: Number(head.slice(9, 12)), body });
  }
}

/** Connections that share the requests; a request waits for a free one. */
export class HttpPool {
  readonly #free: RawHttp[];
  readonly #all: readonly RawHttp[];
  readonly #queue: Array<(connection: RawHttp) => void> = [];

  private constructor(connections: readonly RawHttp[]) {
    this.#all = connections;
    this.#free = [...connections];
  }

  static async open(url: string, connections: number): Promise<HttpPool> {
    return new HttpPool(await Promise.all(Array.from({ length: connections }, () => RawHttp.open(url))));
  }

  async send(request: Uint8Array): Promise<RawReply> {
    // The one that has rested longest: a connection that nobody uses for a minute is closed by the server, as it should be.
    const connection = this.#free.shift() ?? (await new Promise<RawHttp>((resolve) => this.#queue.push(resolve)));
    try {
      return await connection.send(request);
    } finally {
      const next = this.#queue.shift();
      if (next) next(connection);
      else this.#free.push(connection);
    }
  }

  close(): void {
    for (const connection of this.#all) connection.close();
  }
}
