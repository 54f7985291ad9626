/** MQTT over TLS: shakes hands, reads who the certificate names, and gives the connection on. */
import { createHash, X509Certificate } from 'node:crypto';
import type { AddressInfo, Socket } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import { HallError } from '@hall/contracts';
import type { TlsMaterial } from '../ca/tls-material.ts';

/** A handshake that is not over by then is given up, ms. */
export const HANDSHAKE_MS = 5000;
/** Handshakes at one time; each costs memory before anybody is known. */
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
  const { host, port, material, mostConnections, accept, refused } = options;
  let open = 0;
  let secured = 0;
  const server = createServer(
    {
      ...material,
      // Whether a certificate that was shown is good is asked below, so that its refusal can be told.
      requestCert: true,
      rejectUnauthorized: false,
      minVersion: 'TLSv1.2',
      handshakeTimeout: HANDSHAKE_MS,
      noDelay: true,
      keepAlive: true,
    },
    (socket) => {
      secured += 1;
      socket.once('close', () => {
        secured -= 1;
      });
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
    open += 1;
    socket.once('close', () => {
      open -= 1;
    });
    if (open - secured <= MOST_HANDSHAKES) return;
    refused('too_many_handshakes', socket.remoteAddress ?? '');
    socket.destroy();
  });
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
    refused(error.code ?? 'handshake_failed', socket.remoteAddress ?? '');
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
        server.close(() => resolve());
      }),
  };
}
