/** Who is of the fleet: what administrators decide about keys, who a certificate is, and what must be warned of. */
import {
  ENROLMENT_LIFE_MS,
  HallError,
  type BrokerAddress,
  type CertificateView,
  type Clock,
  type EnrolmentView,
  type SecurityView,
  type SecurityWarning,
} from '@hall/contracts';
import { shortCode } from '@hall/runtime';
import type { Logger } from 'pino';
import type { Static } from 'typebox';
import type { HallChanges } from '../../platform/changes.ts';
import type { Authority } from '../../platform/ca/authority.ts';
import type { TlsKeeper } from '../../platform/ca/tls-material.ts';
import { factsOf, type CertificateFacts } from '../../platform/ca/x509.ts';
import type { Principal } from '../../platform/mqtt/acl.ts';
import type { Writer } from '../../platform/store/writer.ts';
import { SYSTEM, type Asker } from '../audit/chain.ts';
import { createRequests, type Requests } from './requests.ts';
import { DOUBLE_MS, speaks, verdictOnPeer, warningsOf, type Claim, type Double, type Peer, type PeerVerdict } from './rules.ts';
import type { EnrolmentRow, EnrolmentStore } from './store.ts';

/** How often it is looked whether another process has changed who may be an agent, ms. */
const WATCH_MS = 400;

/** What is known of the connection of an agent. */
export interface AgentConnection {
  readonly address: string;
  readonly principal: Principal;
}
/** The broker, as far as it knows connections; an external one knows none. */
export interface Connections {
  of(agent: string): AgentConnection | undefined;
  /** Ends the sessions of agents for which the question is answered true. */
  expel(gone: (principal: Principal) => boolean): void;
}

export interface EnrolmentService extends Requests {
  /** Requests that wait for a person, oldest first. */
  list(): EnrolmentView[];
  /**
   * Admits a request under an id; with `takeOver` everything that spoke for the id before is revoked and cut.
   * @throws HallError ENROLMENT_UNKNOWN, ENROLMENT_CLOSED, ENROLMENT_CODE_WRONG, AGENT_EXISTS, NAME_TAKEN.
   */
  admit(id: string, given: { agent: string; code: string; takeOver?: boolean }, asker?: Asker): Promise<void>;
  /** @throws HallError ENROLMENT_UNKNOWN, ENROLMENT_CLOSED. */
  reject(id: string, asker?: Asker): Promise<void>;
  /** Nothing the agent has is good any more; its session is cut. @throws HallError AGENT_UNKNOWN. */
  revoke(agent: string, asker?: Asker): Promise<void>;
}

export interface SecurityService {
  view(): Promise<SecurityView>;
  /** Named conditions that hold now. */
  warnings(): SecurityWarning[];
}

export interface Enrolment {
  readonly enrolment: EnrolmentService;
  readonly security: SecurityService;
  /** Who the holder of a certificate is, or why not. */
  identify(peer: Peer, claim: Claim): { readonly principal: Principal } | { readonly refused: PeerVerdict };
  /** The hub's word on a hello. */
  heard(agent: string, installId: string, verdict: 'accepted' | 'fenced', heldBy: string | null): void;
  /** Keys of these agents may have changed: cuts who may not go on. */
  recheck(): void;
  attach(connections: Connections, broker: () => Static<typeof BrokerAddress> | undefined): void;
  run(signal: AbortSignal): Promise<void>;
}

export interface EnrolmentOptions {
  readonly hall: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly store: EnrolmentStore;
  readonly writer: Pick<Writer, 'call'>;
  readonly changes: HallChanges;
  readonly authority: Authority;
  readonly tls: TlsKeeper;
  /** Whether a password hash is the one in force for an agent. */
  readonly passwordHolds: (agent: string, hash: string) => boolean;
  /** The installation of an agent may be another from now on. */
  readonly forget: (agent: string) => void;
}

const KEY = 'key:';
const PASSWORD = 'password:';
/** What a principal of a password is known by. */
export const passwordMark = (hash: string): string => `${PASSWORD}${hash}`;

export function createEnrolment(options: EnrolmentOptions): Enrolment {
  const { hall, clock, log, store, writer, changes, authority, tls, passwordHolds, forget } = options;
  const now = () => clock.wall.nowMs();
  let connections: Connections | undefined;
  let broker: () => Static<typeof BrokerAddress> | undefined = () => undefined;
  let seen = store.version();
  const holders = new Map<string, { readonly installId: string; readonly address: string }>();
  const doubles = new Map<string, Double>();

  /** The list beside the database has every key that was ever revoked. */
  const noteRevoked = () => authority.revoke(store.revoked());
  noteRevoked();

  const mayGoOn = ({ role, id, credential }: Principal): boolean => {
    if (role !== 'agent' || credential === undefined) return true;
    if (credential.startsWith(PASSWORD)) return passwordHolds(id, credential.slice(PASSWORD.length));
    const fingerprint = credential.slice(KEY.length);
    const key = store.key(fingerprint);
    return key?.agent === id && speaks(key.state) && !authority.revoked.has(fingerprint);
  };
  const recheck = (): void => {
    seen = store.version();
    authority.rereadRevoked();
    noteRevoked();
    connections?.expel((principal) => !mayGoOn(principal));
  };

  const requests = createRequests({
    hall,
    clock,
    store,
    writer,
    authority,
    tls,
    broker: () => broker(),
    keyChanged: (agent) => {
      log.warn({ agent }, 'agent has another key');
      changes.emit('agents', [agent]);
    },
  });

  const view = (row: EnrolmentRow): EnrolmentView => ({
    id: row.id,
    code: row.code,
    fingerprint: row.fingerprint,
    wish: row.wish,
    takesOver: row.wish !== null && store.agentExists(row.wish),
    host: row.host,
    version: row.version,
    address: row.address,
    askedAt: row.asked_at,
    expiresAt: row.heard_at + ENROLMENT_LIFE_MS,
  });
  const told = (agent: string): void => {
    recheck();
    changes.emit('agents', [agent]);
  };

  const warnings = (): SecurityWarning[] => {
    const speaking = store.speaking();
    const newest = new Map<string, number>();
    for (const { view: key } of speaking) {
      if (key.until !== null) newest.set(key.agent, Math.max(newest.get(key.agent) ?? 0, key.until));
    }
    return warningsOf(
      {
        certificates: [
          { object: 'server', until: tls.facts.until },
          { object: 'ca', until: authority.facts.until },
          ...[...newest].map(([object, until]) => ({ object, until })),
        ],
        changed: speaking.filter(({ changed }) => changed).map(({ view: key }) => key),
        doubles: [...doubles.values()],
      },
      now(),
    );
  };
  const certificateView = async (facts: CertificateFacts): Promise<CertificateView> => ({
    fingerprint: facts.fingerprint,
    code: await shortCode(facts.fingerprint),
    from: facts.from,
    until: facts.until,
    names: [...facts.names],
  });

  return {
    enrolment: {
      ...requests,
      list: () => store.waiting(now() - ENROLMENT_LIFE_MS).map(view),
      admit: async (id, { agent, code, takeOver = false }, asker = SYSTEM) => {
        const { tookOver } = await writer.call('enrolment.admit', { ...asker, id, agent, code, takeOver });
        // Another machine, another installation: it must not be fenced for the sake of the one that is gone.
        if (tookOver) forget(agent);
        told(agent);
      },
      reject: async (id, asker = SYSTEM) => {
        await writer.call('enrolment.reject', { ...asker, id });
      },
      revoke: async (agent, asker = SYSTEM) => {
        await writer.call('enrolment.revoke', { ...asker, agent });
        told(agent);
      },
    },
    security: {
      warnings,
      view: async () => ({
        mqtts: broker() !== undefined,
        trust: await certificateView(factsOf(tls.trust)),
        ca: await certificateView(authority.facts),
        server: await certificateView(tls.facts),
        keys: store.speaking().map(({ view: key }) => key),
        passwords: store.passwords(),
        warnings: warnings(),
      }),
    },
    identify: (peer, claim) => {
      const verdict = verdictOnPeer(peer, claim, store.key(peer.keyFingerprint), authority.revoked, now());
      if (verdict !== 'accepted') return { refused: verdict };
      return { principal: { role: 'agent', hall, id: peer.name, credential: `${KEY}${peer.keyFingerprint}` } };
    },
    heard: (agent, installId, verdict, heldBy) => {
      const connection = connections?.of(agent);
      const address = connection?.address ?? '';
      if (verdict === 'fenced') {
        const before = doubles.get(agent);
        const fresh = before !== undefined && now() - before.lastMs < DOUBLE_MS;
        const holder = holders.get(agent) ?? { installId: heldBy ?? '', address: '' };
        doubles.set(agent, {
          agent,
          sinceMs: fresh ? before.sinceMs : now(),
          lastMs: now(),
          installs: [holder, { installId, address }],
        });
        return;
      }
      holders.set(agent, { installId, address });
      const credential = connection?.principal.credential;
      if (!credential?.startsWith(KEY)) return;
      const fingerprint = credential.slice(KEY.length);
      if (store.key(fingerprint)?.state !== 'next') return;
      writer
        .call('enrolment.used', { agent, fingerprint })
        .then(() => told(agent))
        .catch((error: unknown) =>
          log.warn({ agent, error: error instanceof HallError ? error.code : error }, 'use of a key not noted'),
        );
    },
    recheck,
    attach: (given, address) => {
      connections = given;
      broker = address;
    },
    run: async (signal) => {
      while (!signal.aborted) {
        await clock.machine.sleep(WATCH_MS, signal).catch(() => {});
        if (signal.aborted) return;
        for (const [agent, { lastMs }] of doubles) if (now() - lastMs >= DOUBLE_MS) doubles.delete(agent);
        if (store.version() !== seen) recheck();
      }
    },
  };
}
