/** Living sessions of agents, and who held each id last. Times are machine time in ms. */
import type { DocumentVersion } from '@hall/contracts';
import type { Static } from 'typebox';
import { verdictOn, type Holder } from './session-rules.ts';

export interface Session {
  readonly agent: string;
  readonly installId: string;
  readonly epoch: string;
  /** It promised to say something this often, ms; undefined if it did not. */
  readonly heartbeatMs: number | undefined;
  /** When it was last heard of. */
  heardMs: number;
  /** The newest numbered sign of life that was heard; undefined for an agent that does not number them. */
  beat: number | undefined;
  /** Newest live seq sent to it, or that it holds. */
  head: number;
  /** Desired version each device has in force, by device id. */
  readonly applied: Map<string, Static<typeof DocumentVersion>>;
  /** Desired documents sent and not yet reported: how often and when last. */
  readonly pending: Map<string, { sends: number; lastMs: number }>;
  /** When it was last given all live fields because it asked, and whether it asked again since. */
  resync: { atMs: number; again: boolean };
}

export type Newcomer = Pick<Session, 'agent' | 'installId' | 'epoch' | 'heartbeatMs' | 'beat'>;

export interface Sessions {
  /** Verdict on a newcomer; when accepted, the session is open and earlier ones of the agent are over. */
  open(newcomer: Newcomer, nowMs: number): Session | undefined;
  /** The session if the message belongs to it. */
  of(agent: string, epoch: string): Session | undefined;
  /** The same for a message that just came: the session was heard of. */
  heard(agent: string, epoch: string, nowMs: number): Session | undefined;
  get(agent: string): Session | undefined;
  /** Ends a session by its epoch: "stopped" or "lost". False if it is not the living one. */
  end(agent: string, epoch: string, how: 'stopped' | 'lost', nowMs: number): boolean;
  /** Forgets an agent altogether. */
  forget(agent: string): void;
  living(): Iterable<Session>;
}

/** `before`: holders known from an earlier run of the server. */
export function createSessions(before: ReadonlyMap<string, Holder>): Sessions {
  const holders = new Map(before);
  const sessions = new Map<string, Session>();
  const of = (agent: string, epoch: string): Session | undefined => {
    const session = sessions.get(agent);
    return session?.epoch === epoch ? session : undefined;
  };
  return {
    open: (newcomer, nowMs) => {
      const { agent, installId } = newcomer;
      if (verdictOn(installId, holders.get(agent), nowMs) === 'fenced') return undefined;
      const resync = { atMs: Number.NEGATIVE_INFINITY, again: false };
      const session: Session = {
        ...newcomer,
        heardMs: nowMs,
        head: 0,
        applied: new Map(),
        pending: new Map(),
        resync,
      };
      holders.set(agent, { installId, presence: 'online', sinceMs: nowMs });
      sessions.set(agent, session);
      return session;
    },
    of,
    heard: (agent, epoch, nowMs) => {
      const session = of(agent, epoch);
      if (session) session.heardMs = nowMs;
      return session;
    },
    get: (agent) => sessions.get(agent),
    end: (agent, epoch, how, nowMs) => {
      const session = sessions.get(agent);
      if (session?.epoch !== epoch) return false;
      sessions.delete(agent);
      holders.set(agent, { installId: session.installId, presence: how, sinceMs: nowMs });
      return true;
    },
    forget: (agent) => {
      sessions.delete(agent);
      holders.delete(agent);
    },
    living: () => sessions.values(),
  };
}
