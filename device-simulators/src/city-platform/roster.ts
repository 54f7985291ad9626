/** The working day of the people: when windows open, pause, relieve each other and close. */
import type { PauseReason } from '@hall/contracts';
import { close, leave, open, setServices, staffOff, staffOn } from './acts.ts';
import { goOn, next, reconsider, scripted } from './script.ts';
import { decide, type Counter, type World } from './world.ts';

const MINUTE_MS = 60_000;
const reasons: ReadonlyArray<{
  readonly reason: PauseReason;
  readonly weight: number;
  readonly minutes: readonly [number, number];
}> = [
  { reason: 'away', weight: 10, minutes: [3, 10] },
  { reason: 'meeting', weight: 2, minutes: [20, 45] },
  { reason: 'site_visit', weight: 1, minutes: [60, 120] },
  { reason: 'office', weight: 2, minutes: [20, 40] },
  { reason: 'system_fault', weight: 1, minutes: [5, 15] },
  { reason: 'device_fault', weight: 1, minutes: [5, 20] },
  { reason: 'other', weight: 2, minutes: [3, 8] },
];

/** Sets the timers of the whole day. */
export function scheduleRoster(world: World): void {
  const { content, plan } = world;
  const lunch = new Set(content.calendar.lunchWindows);
  const people = new Map(content.departments.map(({ id }) => [id, content.staff.filter(({ department }) => department === id)]));
  const seats = new Map<string, number>();
  for (const counter of world.counters.values()) {
    const seat = seats.get(counter.department) ?? 0;
    seats.set(counter.department, seat + 1);
    const colleagues = people.get(counter.department) ?? [];
    const windows = content.windows.filter(({ department }) => department === counter.department).length;
    // A岗 in the order of the windows; the B岗 behind them take turns.
    const first = colleagues[seat]?.id ?? colleagues[0]?.id;
    const relief = colleagues[windows + (seat % Math.max(1, colleagues.length - windows))]?.id ?? first;
    scheduleCounter(world, counter, lunch.has(counter.id), first, relief);
  }
  const last = plan.shifts.at(-1);
  if (last) world.timers.set(last.toMs + plan.tailMs + 15 * MINUTE_MS, () => clearTickets(world));
}

function scheduleCounter(
  world: World,
  counter: Counter,
  staysAtNoon: boolean,
  first: string | undefined,
  relief: string | undefined,
): void {
  const { plan, random, timers } = world;
  plan.shifts.forEach((shift, at) => {
    const final = at === plan.shifts.length - 1;
    timers.set(shift.fromMs - random.between(2 * MINUTE_MS, 9 * MINUTE_MS), () => {
      if (counter.state === 'closed' && counter.staff === undefined && first !== undefined) staffOn(world, counter, first);
    });
    timers.set(shift.fromMs + random.between(-20_000, 40_000), () => {
      if (counter.state !== 'closed') return;
      open(world, counter);
      decide(world, counter, random.between(2000, 15_000), () => next(world, counter));
    });
    timers.set(shift.toMs, () => {
      if (!final && staysAtNoon) return;
      counter.closeByMs = shift.toMs + plan.tailMs;
      reconsider(world, counter);
    });
    timers.set(shift.toMs + plan.tailMs, () => closeUnlessBusy(world, counter));
    if (!final && staysAtNoon && relief !== undefined && first !== undefined) {
      duePause(world, counter, shift.toMs + random.between(0, 20 * MINUTE_MS), 'lunch_duty', 2, relief);
      const back = plan.shifts[at + 1]?.fromMs ?? shift.toMs;
      duePause(world, counter, back - random.between(0, 15 * MINUTE_MS), 'handover', 2, first);
    }
    schedulePauses(world, counter, shift);
  });
  scheduleServices(world, counter);
}

/** The window that lends a hand: a quick counter takes all services of its department for a while. */
function scheduleServices(world: World, counter: Counter): void {
  const { content, plan, random, timers } = world;
  const all = content.services.filter(({ department }) => department === counter.department).map(({ id }) => id);
  const usual = counter.services;
  const first = plan.shifts[0];
  if (!first || usual.length >= all.length) return;
  const from = first.fromMs + random.between(30, 60) * MINUTE_MS;
  timers.set(from, () => {
    setServices(world, counter, all);
    reconsider(world, counter);
  });
  timers.set(from + random.between(45, 90) * MINUTE_MS, () => setServices(world, counter, usual));
}

function schedulePauses(world: World, counter: Counter, shift: { readonly fromMs: number; readonly toMs: number }): void {
  const { random } = world;
  const latest = shift.toMs - 20 * MINUTE_MS;
  const within = () => random.between(shift.fromMs + 10 * MINUTE_MS, Math.max(shift.fromMs + 10 * MINUTE_MS, latest));
  if (random.chance(0.75)) {
    let left = random.next() * reasons.reduce((sum, { weight }) => sum + weight, 0);
    const chosen = reasons.find(({ weight }) => (left -= weight) < 0);
    if (chosen) duePause(world, counter, within(), chosen.reason, random.between(...chosen.minutes));
  }
  if (random.chance(0.02)) duePause(world, counter, within(), undefined, random.between(5, 15));
}

function duePause(
  world: World,
  counter: Counter,
  atMs: number,
  reason: PauseReason | undefined,
  minutes: number,
  relief?: string,
): void {
  world.timers.set(atMs, () => {
    counter.pauseDue = {
      forMs: minutes * MINUTE_MS,
      ...(reason === undefined ? {} : { reason }),
      ...(relief === undefined ? {} : { relief }),
    };
    reconsider(world, counter);
  });
}

/** The tail hour is over: an idle or paused window closes; a busy one closes after its visitor. */
function closeUnlessBusy(world: World, counter: Counter): void {
  if (counter.closeByMs === undefined || counter.state === 'closed' || counter.ticket || !scripted(world, counter)) return;
  if (counter.state === 'open') return goOn(world, counter);
  counter.token += 1;
  delete counter.reason;
  delete counter.expectedReturnAtMs;
  staffOff(world, counter);
  close(world, counter);
}

/** 日终清零: who still waits when the doors are shut. */
function clearTickets(world: World): void {
  for (const ticket of world.tickets.values()) {
    if (ticket.state === 'waiting' || ticket.state === 'parked') leave(world, ticket, 'reset');
    else if (ticket.state === 'missed') ticket.state = 'gone';
  }
}
