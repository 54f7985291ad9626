/** What agents say of themselves, and what is to be said of keys and certificates. */
import {
  agentConditions,
  type AgentConditionType,
  type AgentView,
  type AlarmEvidence,
  type SecurityWarning,
} from '@hall/contracts';
import type { HallChanges } from '../../platform/changes.ts';
import type { AgentService } from '../agents/service.ts';
import { nowAndThen, EVERY_MS, type Condition, type ConditionSource } from './conditions.ts';

/** The figure that a reader wants beside each condition. */
function evidenceOf(type: AgentConditionType, { status }: AgentView): AlarmEvidence {
  if (!status) return {};
  if (type === 'clock_skew') return { skewMs: Math.round(status.clock.skewMs ?? 0) };
  if (type === 'agent_disk_low')
    return { store: status.store, ...(status.disk && { freeMb: Math.floor(status.disk.freeBytes / (1024 * 1024)) }) };
  if (type === 'outbox_filling') return { percent: status.outbox.percent };
  if (type === 'agent_stalled') return { worstMs: Math.round(status.loop.worstMs) };
  return { trust: status.clock.trust };
}

/** Of an agent that is away nothing can be told: its alarms stay as they are. */
export function statusSource(agents: Pick<AgentService, 'list'>, changes: HallChanges): ConditionSource {
  let held: readonly AgentView[] | undefined;
  const rows = () => (held ??= agents.list());
  const forget = () => void (held = undefined);
  changes.on('agents', forget);
  changes.on('content', forget);
  return {
    raises: agentConditions,
    look: () =>
      rows()
        .filter(({ presence }) => presence === 'online')
        .flatMap((row) =>
          row.conditions.map(({ type, since }): Condition => ({
            type,
            object: { kind: 'agent', id: row.id },
            sinceMs: since,
            evidence: evidenceOf(type, row),
          })),
        ),
    unknown: () =>
      rows()
        .filter(({ presence }) => presence !== 'online')
        .map(({ id }) => ({ kind: 'agent', id })),
  };
}

/** A second agent is told by whoever turned it away; see `fencedSource`. */
export const securitySource = (hall: string, warnings: () => readonly SecurityWarning[]): ConditionSource => ({
  raises: ['certificate_expires', 'agent_key_changed'],
  look: nowAndThen(EVERY_MS, () => {
    // Of the certificates of the hall the one that ends first is told.
    const soonest = warnings().toSorted((one, other) => (one.until ?? 0) - (other.until ?? 0));
    const told = new Set<string>();
    return soonest.flatMap(({ type, object, since, until, days, fingerprint }): Condition[] => {
      if (type === 'agent_double') return [];
      const own = object === 'server' || object === 'ca';
      const condition: Condition = {
        type,
        object: own ? { kind: 'hall', id: hall } : { kind: 'agent', id: object },
        sinceMs: since,
        evidence: {
          ...(own && { certificate: object }),
          ...(until !== undefined && { until: new Date(until).toISOString().slice(0, 10) }),
          ...(days !== undefined && { days: Number(days) }),
          ...(fingerprint !== undefined && { fingerprint }),
        },
      };
      const key = `${type} ${condition.object.kind} ${condition.object.id}`;
      if (told.has(key)) return [];
      told.add(key);
      return [condition];
    });
  }),
});
