/**
 * The embedded broker: aedes, hardened. It keeps nothing: sessions are always clean, and what must last lasts in the store.
 * Framing is guarded before authentication; a refused publish is acknowledged, dropped and counted, because closing the
 * connection would make its sender repeat it for ever.
 */
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { finished, Readable } from 'node:stream';
import { HallError, type MachineTime } from '@hall/contracts';
import { createPatience } from '@hall/runtime';
import { Aedes, type AedesPublishPacket, type AuthenticateError, type Client } from 'aedes';
import { mayPublish, mayRetain, maySubscribe, mayWill, type Principal } from './acl.ts';
import type { TlsMaterial } from '../ca/tls-material.ts';
import { isClientId } from './client-id.ts';
import { guardSocket, MAX_HELD_BYTES, PACKET_MS, type Held, type SocketFault } from './guarded-socket.ts';
import { createRetained } from './retained.ts';
import { standstill } from './standstill.ts';
import { takeoverLimit } from './takeover-limit.ts';
import { listenTls, type TlsPeer } from './tls-listener.ts';

/** A reader that takes nothing for this long is cut off; the default of a minute would stall everybody's calls. */
const DRAIN_MS = 2000;
/** Who has not signed in by then is cut, ms; over TLS from the end of the handshake. */
export const SIGN_IN_MS = 5000;
/** Connections at a time that have not signed in; a whole fleet that comes back at once is fewer. */
export const MOST_STRANGERS = 2000;
const MAX_CONNECTIONS = 5000;
/** QoS 2 packets one client may leave half answer; nothing of ours uses QoS 2. */
const MAX_HALF_DONE = 16;
const MAX_KEEPALIVE_S = 120;
/** Sessions of one platform at a time; what waits to be read by a session is held for each. */
export const MOST_PLATFORM_SESSIONS = 32;
/** Refused publishes and subscriptions go where nobody may listen. */
const NOWHERE = 'dropped';

const IDENTIFIER_REJECTED = 2;
const SERVER_UNAVAILABLE = 3;
const BAD_CREDENTIAL = 4;

export interface BrokerCounters {
  refusedPublish: number;
  refusedSubscribe: number;
  refusedConnect: number;
  /** Connections cut for what their bytes were. */
  framing: number;
  /** Connections cut because they left too much unread, or left it unread for too long. */
  frozen: number;
  /** Connections cut because they did not sign in, or did not end a packet, in time; or because too many did not. */
  slow: number;
  /** TLS handshakes that came to nothing, certificates that are not ours among them. */
  refusedHandshake: number;
}

export interface BrokerEvents {
  /** Once per refused act of a signed-in client; for the audit log. */
  refused(act: 'publish' | 'subscribe' | 'takeover', principal: Principal, topic: string): void;
  framing(fault: SocketFault, address: string): void;
  handshake(reason: string, address: string): void;
}

export interface BrokerOptions extends BrokerEvents {
  readonly host: string;
  readonly port: number;
  readonly hall: string;
  readonly machine: MachineTime;
  /** Who this is, or undefined. Called for every connection; must not take long for known credentials. */
  readonly authenticate: (clientId: string, username: string, password: Uint8Array) => Promise<Principal | undefined>;
  /** MQTT over TLS beside the plain port; who shows a certificate is asked for nothing else. */
  readonly tls?: {
    readonly host: string;
    readonly port: number;
    readonly material: TlsMaterial;
    readonly identify: (peer: TlsPeer, claim: { clientId: string; username: string }) => Principal | undefined;
  };
  /** Events of a platform; the acknowledgement to the platform waits for the promise. It must not reject. */
  readonly platformEvents: (platform: string, payload: Uint8Array) => Promise<void>;
}

export interface Broker {
  readonly url: string;
  /** Of the TLS listener, if there is one. */
  readonly tls: { readonly url: string; readonly port: number } | undefined;
  readonly counters: Readonly<BrokerCounters>;
  readonly connections: number;
  /** What connections hold in memory. */
  readonly held: Readonly<Held>;
  /**
   * Publishes for the server itself, which is vouched for, with QoS 1; resolves when every subscriber has taken it or was given
   * up. Never QoS 0: that takes a shorter way through aedes, and what it overtakes is dropped as a repeat.
   */
  publish(topic: string, text: string, options: { readonly retain: boolean }): Promise<void>;
  /** Hears for the server itself what is published on the filter. */
  listen(filter: string, heard: (topic: string, payload: Buffer) => void): void;
  /** Ends the sessions of an agent or platform, e.g. after its credential was changed. */
  disconnect(id: string): void;
  /** Ends every session for which the question is answered true. */
  expel(gone: (principal: Principal) => boolean): void;
  /** The session with this client id. */
  session(clientId: string): { readonly principal: Principal; readonly address: string } | undefined;
  /** New connections over TLS are shown this; those that are open go on. */
  renewTls(material: TlsMaterial): void;
  close(): Promise<void>;
}

/** Counts the sessions of platforms, by their connections. */
function sessionLimit(): { begin(principal: Principal, client: Client): boolean } {
  const open = new Map<string, number>();
  return {
    begin: ({ role, id }, { conn }) => {
      if (role !== 'platform') return true;
      const before = open.get(id) ?? 0;
      if (before >= MOST_PLATFORM_SESSIONS) return false;
      open.set(id, before + 1);
      finished(conn, () => void open.set(id, (open.get(id) ?? 1) - 1));
      return true;
    },
  };
}

const refusal = (returnCode: number): AuthenticateError => Object.assign(new Error('refused'), { returnCode });

/** The part of what aedes keeps in memory that is about retained messages, so that a filter finds them without a walk. */
function keepRetained() {
  const retained = createRetained<AedesPublishPacket>();
  return {
    storeRetained: async (packet: AedesPublishPacket): Promise<void> => {
      if (packet.payload.length === 0) retained.delete(packet.topic);
      else retained.set(packet.topic, { ...packet });
    },
    createRetainedStreamCombi: (filters: readonly string[]): Readable =>
      Readable.from(filters.flatMap((filter) => [...retained.matching(filter)])),
    createRetainedStream: (filter: string): Readable => Readable.from(retained.matching(filter)),
  };
}

/** @throws HallError PORT_TAKEN. */
export async function createBroker(options: BrokerOptions): Promise<Broker> {
  const { host, port, hall, machine } = options;
  const counters: BrokerCounters = {
    refusedPublish: 0,
    refusedSubscribe: 0,
    refusedConnect: 0,
    framing: 0,
    frozen: 0,
    slow: 0,
    refusedHandshake: 0,
  };
  const held: Held = { bytes: 0, mostBytes: 0, mostUnsentBytes: 0 };
  const strangers = createPatience({ machine, forMs: SIGN_IN_MS, most: MOST_STRANGERS });
  const unfinished = createPatience({
    machine,
    forMs: PACKET_MS,
    most: Number.POSITIVE_INFINITY,
    mostWeight: MAX_HELD_BYTES,
  });
  const principals = new WeakMap<Client, Principal>();
  /** What TLS connections have shown, by connection. */
  const peers = new WeakMap<object, TlsPeer>();
  /** What is to be done once a connection has signed in. */
  const signedIn = new WeakMap<object, () => void>();
  const takeovers = takeoverLimit();
  const sessions = sessionLimit();
  const cutLater = standstill(machine);

  const aedes = await Aedes.createBroker({
    concurrency: 1000,
    drainTimeout: DRAIN_MS,
    // Ours comes first, and counts.
    connectTimeout: 2 * SIGN_IN_MS,
    maxTopicLevels: 8,
    maxInflightInbound: MAX_HALF_DONE,
    maxClientsIdLength: 64,
    preConnect: (client, packet, answer) => {
      packet.clean = true;
      if (!packet.keepalive || packet.keepalive > MAX_KEEPALIVE_S) packet.keepalive = MAX_KEEPALIVE_S;
      const claimed = packet.username ?? '';
      const will = packet.will;
      if (will && !mayWill({ role: 'agent', hall, id: claimed }, will.topic)) {
        delete packet.will;
        counters.refusedPublish += 1;
      }
      answer(null, true);
    },
    authenticate: (client, username, password, answer) => {
      if (!isClientId(client.id)) {
        counters.refusedConnect += 1;
        return answer(refusal(IDENTIFIER_REJECTED), false);
      }
      const peer = peers.get(client.conn);
      const claim = { clientId: client.id, username: username ?? '' };
      const known = peer
        ? Promise.resolve(options.tls?.identify(peer, claim))
        : options.authenticate(claim.clientId, claim.username, password ?? Buffer.alloc(0));
      known.then(
        (principal) => {
          if (!principal) {
            counters.refusedConnect += 1;
            return answer(refusal(BAD_CREDENTIAL), false);
          }
          if (clients()[client.id] && !takeovers.admit(client.id, machine.nowMs())) {
            counters.refusedConnect += 1;
            options.refused('takeover', principal, client.id);
            return answer(refusal(SERVER_UNAVAILABLE), false);
          }
          if (!sessions.begin(principal, client)) {
            counters.refusedConnect += 1;
            return answer(refusal(SERVER_UNAVAILABLE), false);
          }
          principals.set(client, principal);
          signedIn.get(client.conn)?.();
          answer(null, true);
        },
        () => answer(refusal(SERVER_UNAVAILABLE), false),
      );
    },
    authorizePublish: (client, packet, answer) => {
      const principal = client && principals.get(client);
      const name = principal && mayPublish(principal, packet.topic);
      if (!principal || !name) {
        counters.refusedPublish += 1;
        if (principal) options.refused('publish', principal, packet.topic);
        Object.assign(packet, { topic: NOWHERE, payload: '', retain: false });
        return answer();
      }
      if (!mayRetain(name)) packet.retain = false;
      if (name !== 'platformEvents') return answer();
      const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
      packet.payload = '';
      options.platformEvents(principal.id, payload).then(
        () => answer(),
        (error: Error) => answer(error),
      );
    },
    authorizeSubscribe: (client, subscription, answer) => {
      const principal = principals.get(client);
      if (principal && maySubscribe(principal, subscription.topic)) return answer(null, subscription);
      counters.refusedSubscribe += 1;
      if (principal) options.refused('subscribe', principal, subscription.topic);
      answer(null, null);
    },
  });
  /** What aedes has but does not declare: its clients by id, and what it keeps. */
  const { clients: clientsById, persistence } = aedes as unknown as { clients: Record<string, Client>; persistence: object };
  const clients = () => clientsById;
  Object.assign(persistence, keepRetained());

  aedes.on('clientError', (_, { message }) => {
    if (message === 'drain timeout') counters.frozen += 1;
  });
  const accept = (socket: Socket, peer?: TlsPeer): void => {
    let client: Client | undefined;
    if (peer) peers.set(socket, peer);
    const address = socket.remoteAddress ?? '';
    const tooSlow = () => {
      counters.slow += 1;
      socket.destroy();
    };
    const stranger = strangers.begin(address, tooSlow);
    signedIn.set(socket, stranger.over);
    socket.once('close', stranger.over);
    guardSocket(socket, {
      held,
      unfinished,
      tooSlow,
      signedIn: () => client !== undefined && principals.has(client),
      fault: (fault) => {
        counters.framing += 1;
        stranger.over();
        options.framing(fault, address);
        cutLater(socket);
      },
      frozen: () => {
        counters.frozen += 1;
      },
    });
    client = aedes.handle(socket);
  };
  const server = createServer({ noDelay: true, keepAlive: true }, (socket) => accept(socket));
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? new HallError('PORT_TAKEN', { host, port, field: '/mqtt/port' }, error) : error),
    );
    server.listen({ host, port }, resolve);
  });
  const address = server.address() as AddressInfo;
  const secure =
    options.tls &&
    (await listenTls({
      ...options.tls,
      machine,
      mostConnections: MAX_CONNECTIONS,
      accept,
      refused: (reason, from) => {
        counters.refusedHandshake += 1;
        options.handshake(reason, from);
      },
    }));
  const expel = (gone: (principal: Principal) => boolean): void => {
    for (const client of Object.values(clients())) {
      const principal = principals.get(client);
      if (principal && gone(principal)) client.close();
    }
  };

  return {
    url: `mqtt://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`,
    tls: secure,
    counters,
    held,
    get connections() {
      return aedes.connectedClients;
    },
    publish: (topic, text, { retain }) =>
      new Promise((resolve) => {
        aedes.publish({ cmd: 'publish', dup: false, topic, payload: Buffer.from(text), qos: 1, retain }, () => resolve());
      }),
    listen: (filter, heard) =>
      aedes.subscribe(
        filter,
        ({ topic, payload }, taken) => {
          heard(topic, typeof payload === 'string' ? Buffer.from(payload) : payload);
          taken();
        },
        () => {},
      ),
    disconnect: (id) => expel((principal) => principal.id === id),
    expel,
    session: (clientId) => {
      const client = clients()[clientId];
      const principal = client && principals.get(client);
      return principal && { principal, address: (client.conn as Socket).remoteAddress ?? '' };
    },
    renewTls: (material) => secure?.renew(material),
    close: async () => {
      strangers.close();
      unfinished.close();
      const closed = Promise.all([
        new Promise<void>((resolve) => {
          server.close(() => resolve());
        }),
        secure?.close(),
      ]);
      await new Promise<void>((resolve) => {
        aedes.close(() => resolve());
      });
      await closed;
    },
  };
}
