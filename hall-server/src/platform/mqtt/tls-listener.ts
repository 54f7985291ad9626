/** MQTT over TLS: shakes hands, reads who the certificate names, and gives the connection on. */
import { createHash, X509Certificate } from 'node:crypto';
import type { AddressInfo, Socket } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import { HallError, type MachineTime } from '@hall/contracts';
import { createPatience, type Wait } from '@hall/runtime';
import type { TlsMaterial } from '../ca/tls-material.ts';

/** A handshake that is not over by then is given up, ms. */
export const HANDSHAKE_MS = 5000;
/** Handshakes at one time, each costs memory before anybody is known; beyond it the address that has most loses its oldest. */
export const MOST_HANDSHAKES = 500;

/** What a peer showed: a certificate that our authority has signed. */
export interface TlsPeer {
  readonly name: string;
  readonly keyFingerprint: string;
  readonly from: number;
  readonly until: number;
}

export interface TlsListenerOptions {
  readonly host: string;
  readonly port: number;
  readonly material: TlsMaterial;
  readonly machine: MachineTime;
  readonly mostConnections: number;
  /** `peer` is missing where no certificate was shown: such a client needs a password. */
  readonly accept: (socket: TLSSocket, peer: TlsPeer | undefined) => void;
  /** A handshake that came to nothing. */
  readonly refused: (reason: string, address: string) => void;
}

export interface TlsListener {
  /** `mqtts://…` */
  readonly url: string;
  readonly port: number;
  /** For connections from now on; those that are open stay. */
  renew(material: TlsMaterial): void;
  close(): Promise<void>;
}

function peerOf(certificate: X509Certificate): TlsPeer {
  return {
    name: /^CN=(.*)$/m.exec(certificate.subject)?.[1] ?? '',
    keyFingerprint: createHash('sha256')
      .update(certificate.publicKey.export({ type: 'spki', format: 'der' }))
      .digest('hex'),
    from: Date.parse(certificate.validFrom),
    until: Date.parse(certificate.validTo),
  };
}

/** @throws HallError PORT_TAKEN. */
export async function listenTls(options: TlsListenerOptions): Promise<TlsListener> {
  const { host, port, material, machine, mostConnections, accept, refused } = options;
  const handshakes = createPatience({ machine, forMs: HANDSHAKE_MS, most: MOST_HANDSHAKES });
  /** By both ends: the connection before the handshake and the one after it are two objects. */
  const waits = new Map<string, Wait>();
  /** Node tells of those given up too, as of any connection that ends within its handshake. */
  let toldAlready = 0;
  const endsOf = ({ remoteAddress, remotePort }: Socket) => `${remoteAddress} ${remotePort}`;
  const server = createServer(
    {
      ...material,
      // Whether a certificate that was shown is good is asked below, so that its refusal can be told.
      requestCert: true,
      rejectUnauthorized: false,
      minVersion: 'TLSv1.2',
      // Ours comes first, and is not put off by what comes meanwhile.
      handshakeTimeout: 2 * HANDSHAKE_MS,
      noDelay: true,
      keepAlive: true,
    },
    (socket) => {
      waits.get(endsOf(socket))?.over();
      socket.on('error', () => {});
      const certificate = socket.getPeerX509Certificate();
      if (certificate && !socket.authorized) {
        refused(String(socket.authorizationError), socket.remoteAddress ?? '');
        socket.destroy();
        return;
      }
      accept(socket, certificate && peerOf(certificate));
    },
  );
  server.maxConnections = mostConnections;
  server.on('connection', (socket: Socket) => {
    const ends = endsOf(socket);
    const address = socket.remoteAddress ?? '';
    const wait = handshakes.begin(address, (why) => {
      toldAlready += 1;
      refused(why === 'too_slow' ? 'handshake_too_slow' : 'too_many_handshakes', address);
      socket.destroy();
    });
    waits.set(ends, wait);
    socket.once('close', () => {
      wait.over();
      if (waits.get(ends) === wait) waits.delete(ends);
    });
  });
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' && toldAlready > 0) toldAlready -= 1;
    else refused(error.code ?? 'handshake_failed', socket.remoteAddress ?? '');
    socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? new HallError('PORT_TAKEN', { host, port, field: '/mqtts/port' }, error) : error),
    );
    server.listen({ host, port }, resolve);
  });
  const address = server.address() as AddressInfo;
  return {
    url: `mqtts://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`,
    port: address.port,
    renew: (next) => server.setSecureContext({ ...next, minVersion: 'TLSv1.2' }),
    close: () =>
      new Promise((resolve) => {
        handshakes.close();
        server.close(() => resolve());
      }),
  };
}
