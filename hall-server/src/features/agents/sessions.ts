/** Living sessions of agents, and who held each id last. Times are machine time in ms. */
import type { DocumentVersion } from '@hall/contracts';
import type { Static } from 'typebox';
import { verdictOn, type Holder } from './session-rules.ts';

export interface Session {
  readonly agent: string;
  readonly installId: string;
  readonly epoch: string;
  /** Newest live seq sent to it, or that it holds. */
  head: number;
  /** Desired version each device has in force, by device id. */
  readonly applied: Map<string, Static<typeof DocumentVersion>>;
  /** Desired documents sent and not yet reported: how often and when last. */
  readonly pending: Map<string, { sends: number; lastMs: number }>;
  /** When it was last given all live fields because it asked, and whether it asked again since. */
  resync: { atMs: number; again: boolean };
}

export interface Sessions {
  /** Verdict on a newcomer; when accepted, the session is open and earlier ones of the agent are over. */
  open(agent: string, installId: string, epoch: string, nowMs: number): Session | undefined;
  /** The session if the message belongs to it. */
  of(agent: string, epoch: string): Session | undefined;
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
  return {
    open: (agent, installId, epoch, nowMs) => {
      if (verdictOn(installId, holders.get(agent), nowMs) === 'fenced') return undefined;
      const resync = { atMs: Number.NEGATIVE_INFINITY, again: false };
      const session: Session = { agent, installId, epoch, head: 0, applied: new Map(), pending: new Map(), resync };
      holders.set(agent, { installId, presence: 'online', sinceMs: nowMs });
      sessions.set(agent, session);
      return session;
    },
    of: (agent, epoch) => {
      const session = sessions.get(agent);
      return session?.epoch === epoch ? session : undefined;
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
