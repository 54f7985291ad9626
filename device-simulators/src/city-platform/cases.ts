/** The life of a case (办件) that begins at a window; names follow the glossary. */
import type { CaseEventType } from '@hall/contracts';
import type { Counter, World } from './world.ts';

interface Step {
  readonly type: CaseEventType;
  readonly afterMs: number;
  readonly data?: Readonly<Record<string, unknown>>;
}
const MINUTE_MS = 60_000;

/** An instant case (即办件) is decided at once; a promised one (承诺件) goes to the back office and on over the day. */
function lifeOf(world: World, instant: boolean): Step[] {
  const { random } = world;
  const minutes = (from: number, to: number) => random.between(from * 60, to * 60) * 1000;
  const soon = () => random.between(3, 20) * 1000;
  if (random.chance(0.02)) return [{ type: 'case.not_accepted', afterMs: soon() }];
  const steps: Step[] = [];
  if (random.chance(0.06)) {
    steps.push({ type: 'case.correction_started', afterMs: soon() });
    if (random.chance(0.3)) return [...steps, { type: 'case.withdrawn', afterMs: minutes(20, 90) }];
    steps.push({ type: 'case.correction_ended', afterMs: minutes(15, 120) });
  }
  steps.push({ type: 'case.accepted', afterMs: soon() });
  if (!instant && random.chance(0.7)) return steps;
  steps.push({ type: 'case.processing_started', afterMs: instant ? soon() : minutes(10, 120) });
  if (!instant && random.chance(0.15)) {
    steps.push({ type: 'case.suspended', afterMs: minutes(5, 30) });
    if (random.chance(0.5)) return steps;
    steps.push({ type: 'case.resumed', afterMs: minutes(20, 90) });
  }
  if (random.chance(0.01)) return [...steps, { type: 'case.status_other', afterMs: soon(), data: { status: 'LXSP-07' } }];
  if (random.chance(0.01)) return [...steps, { type: 'case.forwarded', afterMs: soon() }];
  const granted = random.chance(0.97);
  steps.push({
    type: 'case.decided',
    afterMs: instant ? soon() : minutes(10, 90),
    data: { decision: granted ? 'granted' : 'refused' },
  });
  if (granted && random.chance(0.8)) {
    steps.push({ type: 'case.certificate_issued', afterMs: soon() });
    if (instant || random.chance(0.4)) steps.push({ type: 'case.delivered', afterMs: soon() });
  }
  return steps;
}

/** Takes in a case at a window and lets it run. */
export function receiveCase(world: World, counter: Counter, service: string, applicant: string | undefined): void {
  const { random } = world;
  const number = `${world.plan.day.replaceAll('-', '')}${String(world.nowMs % 86_400_000).padStart(8, '0')}${counter.id}`;
  const subject = `case/${number}`;
  const base = { case: number, item: service, department: counter.department, window: counter.id };
  const instant = random.chance(0.65);
  const epoch = world.caseEpoch;
  world.emit('case.received', subject, {
    ...base,
    kind: instant ? 'instant' : 'promised',
    ...(instant ? {} : { promisedDays: random.between(1, 20) }),
    ...(applicant === undefined ? {} : { applicant }),
  });
  const steps = lifeOf(world, instant);
  const go = (at: number) => {
    const step = steps[at];
    if (!step) return;
    world.timers.set(world.nowMs + Math.min(step.afterMs, 600 * MINUTE_MS), () => {
      if (world.caseEpoch !== epoch) return;
      world.emit(step.type, subject, { ...base, ...step.data });
      go(at + 1);
    });
  };
  go(0);
}
