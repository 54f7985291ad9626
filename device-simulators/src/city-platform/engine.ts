import type { HallContent, PlatformSnapshot } from '@hall/contracts';
import { planArrivals } from './arrivals.ts';
import type { ActResult, CounterAct, CounterView } from './counter-acts.ts';
import { planDay, type DayPlan } from './day-plan.ts';
import type { TimedEvent } from './events.ts';
import * as manual from './manual.ts';
import { createRandom } from './random.ts';
import { scheduleRoster } from './roster.ts';
import { visit } from './script.ts';
import { snapshotOf } from './snapshot.ts';
import { createWorld, type Ticket } from './world.ts';

const HOUR_MS = 3_600_000;
const HEARTBEAT_MS = 30_000;
/** The source attribute of all events, unless told otherwise. */
export const DEFAULT_SOURCE = '/city/queue';

export interface HallEngineOptions {
  /** The same seed, content, day and tickets give the same day, as long as nobody acts. */
  readonly seed: number | string;
  readonly content: HallContent;
  /** YYYY-MM-DD in the hall's zone; a closed day has heartbeats only. */
  readonly day: string;
  /** Visitors of the day; default 6000. */
  readonly tickets?: number;
  readonly source?: string;
  /** Beginning of every event id; default `{day}-`. */
  readonly idPrefix?: string;
  /** Sequence already used by a window's subject before this day; default 0. */
  readonly windowSequence?: (subject: string) => number;
}

export interface HallEngine {
  readonly plan: DayPlan;
  /** Runs up to and including this hall time; returns what happened, in order. Never goes back. */
  advanceTo(hallMs: number): TimedEvent[];
  /** Hall time at which something happens next by itself. */
  readonly nextMs: number | undefined;
  /** A person acts at this hall time; their window is theirs for `holdMs` (default 3 min). */
  act(act: CounterAct, atHallMs: number, holdMs?: number): { result: ActResult; events: TimedEvent[] };
  /** The full state now. Tickets that are not in it, and cases already begun, are not heard of again. */
  snapshot(): PlatformSnapshot;
  /** Last sequence of a subject; the next day goes on from those of the windows. */
  sequenceOf(subject: string): number;
  counter(window: string): CounterView | undefined;
  /** Tickets in a service's queue, in calling order. */
  waiting(service: string): readonly string[];
}

/** A hall day that runs by itself and lets people act in it. */
export function createHallEngine(options: HallEngineOptions): HallEngine {
  const { content, day, tickets = 6000, source = DEFAULT_SOURCE } = options;
  const plan = planDay(content.calendar, day);
  const world = createWorld({
    content,
    plan,
    source,
    random: createRandom(`script/${options.seed}/${day}`),
    idPrefix: options.idPrefix ?? `${day}-`,
    windowSequence: options.windowSequence ?? (() => 0),
  });
  const { timers } = world;
  const morning = plan.startMs + 6 * HOUR_MS;
  timers.set(morning, () => world.emit('hall.queue_reset', undefined, { businessDay: day }));
  const beat = () => {
    world.emit('feed.heartbeat', undefined, {});
    timers.set(world.nowMs + HEARTBEAT_MS, beat);
  };
  timers.set(morning, beat);
  scheduleRoster(world);
  for (const arrival of planArrivals(content, plan, tickets, createRandom(`arrivals/${options.seed}/${day}`))) {
    timers.set(arrival.atHallMs, () => visit(world, arrival));
  }

  function run(hallMs: number): void {
    for (let timer = timers.due(hallMs); timer; timer = timers.due(hallMs)) {
      world.nowMs = timer.atHallMs;
      timer.act();
    }
    world.nowMs = Math.max(world.nowMs, Math.floor(hallMs));
  }

  return {
    plan,
    advanceTo(hallMs) {
      run(hallMs);
      return world.take();
    },
    get nextMs() {
      return timers.nextMs;
    },
    act(act, atHallMs, holdMs = 180_000) {
      run(atHallMs);
      const result = manual.perform(world, act, holdMs);
      return { result, events: world.take() };
    },
    snapshot: () => snapshotOf(world, source),
    sequenceOf: world.sequenceOf,
    counter(id) {
      const counter = world.counters.get(id);
      if (!counter) return undefined;
      const { ticket, state, manualUntilMs } = counter;
      return {
        id,
        state,
        phase: ticket === undefined ? 'free' : ticket.state === 'serving' ? 'serving' : 'called',
        waiting: counter.services.reduce((sum, service) => sum + (world.queues.get(service)?.length ?? 0), 0),
        ...(ticket === undefined ? {} : { ticket: ticket.number }),
        ...(manualUntilMs > world.nowMs ? { manualUntilMs } : {}),
      };
    },
    waiting: (service) => (world.queues.get(service) ?? []).map(({ number }: Ticket) => number),
  };
}
