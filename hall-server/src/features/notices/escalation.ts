/** When who is told of an alarm. Pure: what was told so far and the time decide, nothing else. */
import type { AlarmPriority, NoticeSettings, NoticeStep } from '@hall/contracts';

const MINUTE_MS = 60_000;

/** How often a step has told, and when it did last, Unix ms. */
export interface Told {
  readonly times: number;
  readonly at: number;
}
/** By id of the step. */
export type ToldSteps = Readonly<Record<string, Told>>;

export interface EscalatingAlarm {
  readonly priority: AlarmPriority;
  /** From when the minutes of the steps count, Unix ms. */
  readonly anchor: number;
  readonly acknowledged: boolean;
}
export interface Escalation {
  /** Steps that tell now. */
  readonly due: ReadonlyArray<{ readonly step: NoticeStep; readonly repeated: boolean }>;
  /** `told` with these in it. */
  readonly told: ToldSteps;
  /** When the rule is to be asked again, Unix ms; null when nothing more will be due. */
  readonly nextAt: number | null;
}

/** When a step tells next, Unix ms; undefined when it has told all it will. */
function nextOf(step: NoticeStep, anchor: number, told: Told | undefined): number | undefined {
  if (!told || told.times === 0) return anchor + step.afterMin * MINUTE_MS;
  return step.repeatMin > 0 && told.times <= step.repeats ? told.at + step.repeatMin * MINUTE_MS : undefined;
}

/**
 * Which steps are due. `quietUntil`: end of the quiet hours that hold now, Unix ms; alarms of quiet priorities wait for it.
 * Asked again with what it answered, it never tells a step twice for one moment, so a restart changes nothing.
 */
export function due(
  { steps, quiet }: Pick<NoticeSettings, 'steps' | 'quiet'>,
  alarm: EscalatingAlarm,
  told: ToldSteps,
  now: number,
  quietUntil: number | null,
): Escalation {
  if (alarm.acknowledged) return { due: [], told, nextAt: null };
  const mine = steps.filter(({ priorities }) => priorities.includes(alarm.priority));
  const waits = quietUntil !== null && quietUntil > now && quiet.includes(alarm.priority);
  const ready = waits
    ? []
    : mine.filter((step) => (nextOf(step, alarm.anchor, told[step.id]) ?? Number.POSITIVE_INFINITY) <= now);
  const after: ToldSteps = {
    ...told,
    ...Object.fromEntries(ready.map(({ id }) => [id, { times: (told[id]?.times ?? 0) + 1, at: now }])),
  };
  const nexts = mine.flatMap((step) => nextOf(step, alarm.anchor, after[step.id]) ?? []);
  const next = nexts.length === 0 ? null : Math.min(...nexts);
  return {
    due: ready.map((step) => ({ step, repeated: (told[step.id]?.times ?? 0) > 0 })),
    told: after,
    nextAt: next !== null && waits ? Math.max(next, quietUntil) : next,
  };
}
