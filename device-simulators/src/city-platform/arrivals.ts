import type { channels, HallContent, priorities } from '@hall/contracts';
import { catalogue, givenNames, surnames } from './catalogue.ts';
import type { DayPlan } from './day-plan.ts';
import type { Random } from './random.ts';

/** A visitor: when they take a ticket, for what, and how they will behave. */
export interface Arrival {
  readonly atHallMs: number;
  readonly service: string;
  readonly channel: (typeof channels)[number];
  readonly priority: (typeof priorities)[number];
  readonly name?: string;
  readonly appointmentAtMs?: number;
  /** Time at the window. */
  readonly serviceMs: number;
  /** Calls until they come; more than `MAX_CALLS` never do. */
  readonly callsNeeded: number;
  /** A visitor who missed the calls comes back and is queued again. */
  readonly returns: boolean;
  /** Leaves before being called after this much waiting. */
  readonly patienceMs: number;
  readonly fate: 'done' | 'transferred' | 'parked';
}

/** After this many calls without the visitor it is a no-show. */
export const MAX_CALLS = 3;
const MINUTE_MS = 60_000;
/** No visit takes longer than this. */
const LONGEST_MS = 45 * MINUTE_MS;
/** Time between one visitor and the next that is not service: calling, walking, tidying. */
const OVERHEAD_MINUTES = 0.7;
/** Share of the open hours in which a window is busy. */
const BUSY = 0.86;

const meanMinutes = new Map(
  catalogue.flatMap(({ services }) => services.map(({ id, meanMinutes: mean }) => [id, mean] as const)),
);

/** Relative number of arrivals at a minute: a wave at each opening, few at noon, hardly any near closing. */
function density(plan: DayPlan, atMs: number): number {
  const first = plan.shifts[0];
  const last = plan.shifts.at(-1);
  if (!first || !last || atMs < first.fromMs - 10 * MINUTE_MS || atMs >= last.toMs - 5 * MINUTE_MS) return 0;
  if (atMs < first.fromMs) return 1.2;
  const shift = plan.shifts.find(({ fromMs, toMs }) => atMs >= fromMs && atMs < toMs);
  if (!shift) return 0.08;
  const part = (atMs - shift.fromMs) / (shift.toMs - shift.fromMs);
  const steps: readonly [number, number][] =
    shift === first
      ? [
          [0.5, 1.5],
          [0.72, 1],
          [0.93, 0.5],
          [1, 0.12],
        ]
      : [
          [0.3, 1.35],
          [0.6, 1.1],
          [0.8, 0.7],
          [0.95, 0.3],
          [1, 0.05],
        ];
  return steps.find(([until]) => part < until)?.[1] ?? 0;
}

/** The times of `count` arrivals, spread evenly under the curve. */
function arrivalTimes(plan: DayPlan, count: number, random: Random): number[] {
  const minutes = Array.from({ length: 24 * 60 }, (_, minute) => density(plan, plan.startMs + minute * MINUTE_MS));
  const total = minutes.reduce((sum, value) => sum + value, 0);
  if (total === 0) return [];
  const times: number[] = [];
  let minute = 0;
  let passed = 0;
  for (let index = 0; index < count; index += 1) {
    const wanted = ((index + random.next()) / count) * total;
    while (minute < minutes.length - 1 && passed + (minutes[minute] ?? 0) <= wanted) {
      passed += minutes[minute] ?? 0;
      minute += 1;
    }
    const part = (wanted - passed) / (minutes[minute] || 1);
    times.push(Math.round(plan.startMs + (minute + Math.min(part, 1)) * MINUTE_MS));
  }
  return times.toSorted((a, b) => a - b);
}

interface Demand {
  readonly service: string;
  readonly mean: number;
  readonly weight: number;
}

/** How often each service is asked for: by the share of windows that give it and the time it takes. */
function demandOf(content: HallContent, random: Random, onlyWindows?: ReadonlySet<string>): Demand[] {
  const shareOf = new Map<string, number>();
  for (const window of content.windows) {
    if (onlyWindows && !onlyWindows.has(window.id)) continue;
    for (const service of window.services) shareOf.set(service, (shareOf.get(service) ?? 0) + 1 / window.services.length);
  }
  return [...shareOf].map(([service, share]) => {
    const mean = meanMinutes.get(service) ?? 4;
    return { service, mean, weight: (share / (mean + 1)) * (0.8 + 0.4 * random.next()) };
  });
}

function pickDemand(demand: readonly Demand[], random: Random): Demand | undefined {
  let left = random.next() * demand.reduce((sum, { weight }) => sum + weight, 0);
  return demand.find(({ weight }) => (left -= weight) < 0) ?? demand.at(-1);
}

/** How much longer or shorter than in the catalogue a service takes, so that the windows can just cope with the day. */
function loadScale(content: HallContent, plan: DayPlan, tickets: number, demand: readonly Demand[]): number {
  const openMinutes = plan.shifts.reduce((sum, { fromMs, toMs }) => sum + (toMs - fromMs) / MINUTE_MS, 0);
  const capacity = content.windows.length * openMinutes * BUSY - tickets * OVERHEAD_MINUTES;
  const weight = demand.reduce((sum, item) => sum + item.weight, 0);
  const mean = demand.reduce((sum, item) => sum + item.weight * item.mean, 0) / (weight || 1);
  return Math.min(1.2, Math.max(0.1, capacity / (tickets * mean || 1)));
}

/** Plans the visitors of a day. */
export function planArrivals(content: HallContent, plan: DayPlan, tickets: number, random: Random): Arrival[] {
  const demand = demandOf(content, random);
  const noonDemand = demandOf(content, random, new Set(content.calendar.lunchWindows));
  const scale = loadScale(content, plan, tickets, demand);
  const openAt = (atMs: number) => plan.shifts.some(({ fromMs, toMs }) => atMs >= fromMs - 10 * MINUTE_MS && atMs < toMs);
  return arrivalTimes(plan, tickets, random).flatMap((atHallMs) => {
    const wanted = pickDemand(!openAt(atHallMs) && noonDemand.length > 0 ? noonDemand : demand, random);
    return wanted ? [visitor(atHallMs, wanted, scale, random)] : [];
  });
}

function visitor(atHallMs: number, wanted: Demand, scale: number, random: Random): Arrival {
  const channel = random.chance(0.62)
    ? 'site'
    : random.pick(['kiosk', 'kiosk', 'wechat', 'wechat', 'web', 'appointment'] as const);
  const priority =
    channel === 'appointment' ? 'appointment' : random.chance(0.03) ? 'elder' : random.chance(0.01) ? 'green' : 'normal';
  const calls = random.next();
  // A few take very long: the hall's clock must not make a healthy window look dead.
  const lengthFactor = random.chance(0.004) ? 10 : 1;
  const fate = random.next();
  return {
    atHallMs,
    service: wanted.service,
    channel,
    priority,
    ...(random.chance(0.35) ? { name: random.pick(surnames) + random.pick(givenNames) } : {}),
    ...(channel === 'appointment' ? { appointmentAtMs: Math.ceil(atHallMs / 900_000) * 900_000 } : {}),
    serviceMs: Math.round(
      Math.min(LONGEST_MS, Math.max(20_000, random.around(wanted.mean * scale * MINUTE_MS, 0.55) * lengthFactor)),
    ),
    callsNeeded: calls < 0.8 ? 1 : calls < 0.91 ? 2 : calls < 0.95 ? 3 : MAX_CALLS + 1,
    returns: random.chance(0.3),
    patienceMs: random.chance(0.02) ? random.between(15, 60) * MINUTE_MS : Number.POSITIVE_INFINITY,
    fate: fate < 0.03 ? 'transferred' : fate < 0.045 ? 'parked' : 'done',
  };
}
