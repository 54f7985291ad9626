/** What the status of an agent gives reason to care about. Pure; alarms are made of this elsewhere. */
import { agentConditions, type AgentCondition, type AgentConditionType, type AgentStatus } from '@hall/contracts';

/** The own clock of an agent may be off by so much, ms. */
export const SKEW_MS = 2000;
const DISK_LOW_BYTES = 200 * 1024 * 1024;
const DISK_LOW_SHARE = 0.05;
const OUTBOX_PERCENT = 50;
const STALL_MS = 5000;
/** An agent that is online says how it is every 30 s; one that has been silent for so long stands still, ms of machine time. */
export const SILENT_MS = 100_000;
/** A condition ends only when it is over by a margin, so that it does not come and go. */
const MARGIN = 0.75;

/** What is known of an agent at a moment. */
export interface Observed {
  readonly status: AgentStatus;
  readonly online: boolean;
  /** Since the status came, machine ms. */
  readonly silentMs: number;
}

const limit = (most: number, held: boolean): number => (held ? most * MARGIN : most);

const holds: Readonly<Record<AgentConditionType, (observed: Observed, held: boolean) => boolean>> = {
  agent_disk_low: ({ status: { disk, store } }, held) => {
    if (store === 'full') return true;
    if (!disk) return false;
    const least = Math.max(DISK_LOW_BYTES, Math.min(disk.totalBytes, 20 * DISK_LOW_BYTES) * DISK_LOW_SHARE);
    return disk.freeBytes < (held ? least / MARGIN : least);
  },
  clock_skew: ({ status: { clock } }, held) => {
    const { skewMs = 0, errorMs = 0 } = clock;
    // What may be the fault of the measurement is no skew.
    return Math.abs(skewMs) - errorMs > limit(SKEW_MS, held);
  },
  time_untrusted: ({ status }) => status.clock.trust === 'untrusted',
  outbox_filling: ({ status }, held) => status.outbox.percent > limit(OUTBOX_PERCENT, held),
  agent_stalled: ({ status, online, silentMs }) => status.loop.worstMs >= STALL_MS || (online && silentMs >= SILENT_MS),
};

/** The conditions that hold now; one that held before keeps its beginning. */
export function conditionsOf(observed: Observed, before: readonly AgentCondition[], nowMs: number): AgentCondition[] {
  const since = new Map(before.map((one) => [one.type, one.since]));
  return agentConditions
    .filter((type) => holds[type](observed, since.has(type)))
    .map((type) => ({ type, since: since.get(type) ?? nowMs }))
    .toSorted((one, other) => one.since - other.since);
}
