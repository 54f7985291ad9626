/** One question at a time over one connection. Closes when in doubt: a late answer could be taken for the next one's. */
import { createTimer, HallError, type Timer, type Clock } from '@hall/contracts';
import type { Connection } from './transports/transport.ts';
import { createTurns } from './turns.ts';

/** The codec of a protocol: bytes of a question, and answers out of whatever bytes have come. */
export interface Codec<Q, A> {
  encode(question: Q): Uint8Array;
  scan(bytes: Uint8Array): {
    readonly found: ReadonlyArray<{ readonly frame: A } | { readonly bad: Uint8Array; readonly why: string }>;
    readonly rest: Uint8Array;
  };
  /** Whether a whole frame can be an answer at all; on a shared line one's own question may come back as an echo. */
  isAnswer(frame: A): boolean;
}

/** What a session hears beside answers; every call is one occurrence. */
export interface SessionEars {
  bad(why: string): void;
  /** A whole frame nobody asked for. */
  unexpected(): void;
  /** Bytes in either direction, for traces. */
  bytes?(direction: 'in' | 'out', bytes: Uint8Array): void;
}

/** Largest unfinished tail kept between chunks, bytes; more than any frame of a supported protocol. */
const MOST_UNFINISHED = 64 * 1024;

export class Session<Q, A> {
  readonly #connection: Connection;
  readonly #codec: Codec<Q, A>;
  readonly #clock: Clock;
  readonly #ears: SessionEars;
  readonly #end: (reason: Error | undefined) => void;
  #rest: Uint8Array = new Uint8Array();
  #waiting: { resolve: (answer: A) => void; reject: (error: Error) => void; readonly timeoutMs: number } | undefined;
  readonly #timeout: Timer;
  readonly #inTurn = createTurns();
  #ended = false;
  /** Settles once, with the reason; never rejects. */
  readonly closed: Promise<Error | undefined>;

  constructor(connection: Connection, codec: Codec<Q, A>, clock: Clock, ears: SessionEars) {
    this.#connection = connection;
    this.#codec = codec;
    this.#clock = clock;
    this.#ears = ears;
    this.#timeout = createTimer(clock, () => {
      const waiting = this.#waiting;
      waiting?.reject(new HallError('DEVICE_TIMEOUT', { timeoutMs: waiting.timeoutMs }));
    });
    let end: (reason: Error | undefined) => void = () => {};
    this.closed = new Promise((resolve) => {
      end = resolve;
    });
    this.#end = end;
    connection.onBytes((bytes) => this.#receive(bytes));
    void connection.closed.then((reason) => this.#finish(reason));
  }

  /**
   * Asks and waits. Questions wait their turn; `question` is called when the turn comes, so that what it says is the newest.
   * @throws HallError DEVICE_TIMEOUT `{timeoutMs}` after which the session is closed; DEVICE_OFFLINE when it closes meanwhile.
   */
  ask(question: () => Q, timeoutMs: number): Promise<A> {
    return this.#inTurn(() => this.#exchange(question(), timeoutMs));
  }

  async close(): Promise<void> {
    this.#finish(undefined);
    await this.#connection.close();
  }

  async #exchange(question: Q, timeoutMs: number): Promise<A> {
    if (this.#ended) throw new HallError('DEVICE_OFFLINE');
    const bytes = this.#codec.encode(question);
    const answered = new Promise<A>((resolve, reject) => {
      this.#waiting = { resolve, reject, timeoutMs };
      this.#timeout.set(this.#clock.machine.nowMs() + timeoutMs);
      this.#ears.bytes?.('out', bytes);
      this.#connection.send(bytes).catch((error: unknown) => reject(new HallError('DEVICE_OFFLINE', {}, error)));
    });
    try {
      return await answered;
    } catch (error) {
      this.#finish(error instanceof Error ? error : undefined);
      await this.#connection.close();
      throw error;
    } finally {
      this.#waiting = undefined;
      this.#timeout.clear();
    }
  }

  #receive(bytes: Uint8Array): void {
    this.#ears.bytes?.('in', bytes);
    const { found, rest } = this.#codec.scan(this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]));
    this.#rest = rest.length > MOST_UNFINISHED ? new Uint8Array() : rest;
    for (const item of found) {
      if ('bad' in item) this.#ears.bad(item.why);
      else if (!this.#codec.isAnswer(item.frame) || !this.#waiting) this.#ears.unexpected();
      else {
        this.#waiting.resolve(item.frame);
        this.#waiting = undefined;
      }
    }
  }

  #finish(reason: Error | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#timeout.stop();
    this.#waiting?.reject(new HallError('DEVICE_OFFLINE', {}, reason));
    this.#waiting = undefined;
    this.#end(reason);
  }
}
