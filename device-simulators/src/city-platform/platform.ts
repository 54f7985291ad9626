import type { Clock, HallContent, PlatformSnapshot } from '@hall/contracts';
import type { ActResult, CounterAct, CounterView } from './counter-acts.ts';
import { dayAfter } from './day-plan.ts';
import { createHallEngine, type HallEngine } from './engine.ts';
import type { PlatformEvent, TimedEvent } from './events.ts';

const DAY_MS = 86_400_000;
/** The player looks at the clock at least this often, machine ms. */
const LONGEST_NAP_MS = 250;

export interface CityPlatformOptions {
  readonly content: HallContent;
  /** YYYY-MM-DD in the hall's zone: the day on which the clock's hall time lies. */
  readonly day: string;
  readonly seed: number | string;
  readonly tickets?: number;
  readonly source?: string;
  readonly idPrefix?: string;
  readonly clock: Clock;
  /** Hall ms per machine ms, as in the clock; only to know how long to sleep. Default 1. */
  readonly speed?: number;
  /** Told every event in order, at its hall time. */
  readonly send: (event: PlatformEvent) => void;
  /**
   * How the receiver learns what happened before the start: from one snapshot of the state, or from all events of the
   * morning. With a snapshot the windows' sequences begin at a number that no earlier day has used.
   */
  readonly catchUp: { readonly snapshot: (snapshot: PlatformSnapshot) => void } | 'events';
}

export interface CityPlatform {
  /** A person acts now. `events` are already sent. */
  act(act: CounterAct, holdMs?: number): { result: ActResult; events: readonly PlatformEvent[] };
  counter(window: string): CounterView | undefined;
  waiting(service: string): readonly string[];
  readonly day: string;
  /** Stops playing. */
  close(): Promise<void>;
}

/** Days since 1970 times this: more events than a window has in a day. */
const WINDOW_EVENTS_PER_DAY = 10_000;

/** Plays a hall day along the clock's hall time, and the days after it, and lets people act in it. */
export function createCityPlatform(options: CityPlatformOptions): CityPlatform {
  const { clock, content, send } = options;
  const stopping = new AbortController();
  const base = Math.floor(Date.parse(`${options.day}T00:00:00Z`) / DAY_MS) * WINDOW_EVENTS_PER_DAY;
  const byEvents = options.catchUp === 'events';

  const begin = (day: string, windowSequence: (subject: string) => number): HallEngine =>
    createHallEngine({
      content,
      day,
      seed: options.seed,
      windowSequence,
      ...(options.tickets === undefined ? {} : { tickets: options.tickets }),
      ...(options.source === undefined ? {} : { source: options.source }),
      ...(options.idPrefix === undefined ? {} : { idPrefix: `${options.idPrefix}${day}-` }),
    });

  let day = options.day;
  let engine = begin(day, () => (byEvents ? 0 : base));
  const startMs = clock.hall.nowMs();
  const past = engine.advanceTo(startMs);
  if (options.catchUp === 'events') tell(past);
  else options.catchUp.snapshot(engine.snapshot());

  function tell(events: readonly TimedEvent[]): PlatformEvent[] {
    return events.map(({ event }) => {
      send(event);
      return event;
    });
  }
  /** Never at the moment of the snapshot itself: events at or before it are part of it. */
  const now = () => Math.max(clock.hall.nowMs(), startMs + 1);

  function advance(): void {
    for (let midnightMs = engine.plan.startMs + DAY_MS; now() >= midnightMs; midnightMs = engine.plan.startMs + DAY_MS) {
      tell(engine.advanceTo(midnightMs - 1));
      const before = engine;
      day = dayAfter(day);
      engine = begin(day, (subject) => before.sequenceOf(subject));
    }
    tell(engine.advanceTo(now()));
  }

  async function play(): Promise<void> {
    while (!stopping.signal.aborted) {
      const untilNextMs = ((engine.nextMs ?? Number.POSITIVE_INFINITY) - clock.hall.nowMs()) / (options.speed ?? 1);
      try {
        await clock.machine.sleep(Math.min(LONGEST_NAP_MS, Math.max(1, untilNextMs)), stopping.signal);
      } catch {
        return;
      }
      advance();
    }
  }
  const playing = play();

  return {
    act(act, holdMs) {
      advance();
      const { result, events } = engine.act(act, now(), holdMs);
      return { result, events: tell(events) };
    },
    counter: (window) => engine.counter(window),
    waiting: (service) => engine.waiting(service),
    get day() {
      return day;
    },
    async close() {
      stopping.abort(new Error('stopped'));
      await playing;
    },
  };
}

/** Plays recorded events along the clock's hall time; those of the past at once. Ends with the last one or the signal. */
export async function playRecording(
  events: readonly TimedEvent[],
  options: {
    readonly clock: Clock;
    /** Hall ms per machine ms; default 1. */
    readonly speed?: number;
    readonly send: (event: PlatformEvent) => void;
    readonly signal?: AbortSignal;
  },
): Promise<void> {
  const { clock, send, signal } = options;
  for (let at = 0; at < events.length;) {
    const next = events[at];
    if (!next || signal?.aborted) return;
    const untilNextMs = (next.atHallMs - clock.hall.nowMs()) / (options.speed ?? 1);
    if (untilNextMs > 0) await clock.machine.sleep(Math.min(LONGEST_NAP_MS, Math.max(1, untilNextMs)), signal);
    else {
      send(next.event);
      at += 1;
    }
  }
}
