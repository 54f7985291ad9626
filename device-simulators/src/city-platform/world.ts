import type { EventType, HallContent, PauseReason } from '@hall/contracts';
import type { Arrival } from './arrivals.ts';
import type { DayPlan } from './day-plan.ts';
import type { PlatformEvent, TimedEvent } from './events.ts';
import type { Random } from './random.ts';
import { createTimers, type Timers } from './timers.ts';

export interface Ticket {
  readonly subject: string;
  readonly number: string;
  service: string;
  readonly visitor: Arrival;
  readonly issuedAtMs: number;
  state: 'waiting' | 'called' | 'serving' | 'parked' | 'missed' | 'gone';
  /** Place in the queue: by rank, then by order. */
  order: number;
  window?: string;
  calls: number;
  calledAtMs?: number;
  /** Taken by a person at the stage: the script leaves it to them until then. */
  reservedUntilMs: number;
  alreadyTransferred: boolean;
  /** Came back after a no-show; will hear the next call. */
  returned: boolean;
}

/** A window and who sits there. */
export interface Counter {
  readonly id: string;
  readonly subject: string;
  readonly department: string;
  services: readonly string[];
  state: 'open' | 'paused' | 'closed' | 'fault';
  staff?: string;
  reason?: PauseReason;
  expectedReturnAtMs?: number;
  ticket?: Ticket;
  /** Every decision of the script carries the token it was made with; a new token makes older ones void. */
  token: number;
  /** A person acts at this window: the script decides nothing here until then. */
  manualUntilMs: number;
  /** A pause, or a fault where there is no reason, that begins when the present ticket is done. */
  pauseDue?: { readonly reason?: PauseReason; readonly forMs: number; readonly relief?: string };
  /** Closes when the present ticket is done and nobody waits, or at this time at the latest. */
  closeByMs?: number;
  /** Waits for somebody to call. */
  free: boolean;
}

/** Everything one hall day is made of; changed only by the functions beside it. */
export interface World {
  readonly content: HallContent;
  readonly plan: DayPlan;
  readonly random: Random;
  readonly timers: Timers;
  nowMs: number;
  readonly counters: ReadonlyMap<string, Counter>;
  /** Waiting tickets by service, in calling order. */
  readonly queues: ReadonlyMap<string, Ticket[]>;
  /** By printed number. */
  readonly tickets: Map<string, Ticket>;
  /** How many tickets each prefix has given out. */
  readonly issued: Map<string, number>;
  /** Cases are told from here on; raised by a snapshot. */
  caseEpoch: number;
  emit(type: EventType, subject: string | undefined, data: Record<string, unknown>): void;
  /** What happened since the last time it was taken. */
  take(): TimedEvent[];
  /** Last sequence of a subject; 0 for one never heard of. */
  sequenceOf(subject: string): number;
}

export interface WorldOptions {
  readonly content: HallContent;
  readonly plan: DayPlan;
  readonly random: Random;
  readonly source: string;
  /** Beginning of every event id. */
  readonly idPrefix: string;
  /** Sequence already used by a window's subject. */
  readonly windowSequence: (subject: string) => number;
}

export const windowSubject = (window: string): string => `window/${window}`;

export function createWorld({ content, plan, random, source, idPrefix, windowSequence }: WorldOptions): World {
  const sequences = new Map<string, number>();
  let happened: TimedEvent[] = [];
  let count = 0;
  const counters = new Map<string, Counter>();
  for (const { id, department, services } of content.windows) {
    const subject = windowSubject(id);
    sequences.set(subject, windowSequence(subject));
    counters.set(id, { id, subject, department, services, state: 'closed', token: 0, manualUntilMs: 0, free: false });
  }

  const world: World = {
    content,
    plan,
    random,
    timers: createTimers(),
    nowMs: plan.startMs,
    counters,
    queues: new Map(content.services.map(({ id }) => [id, []])),
    tickets: new Map(),
    issued: new Map(),
    caseEpoch: 0,
    emit(type, subject, data) {
      count += 1;
      const sequence = subject === undefined ? undefined : (sequences.get(subject) ?? 0) + 1;
      if (subject !== undefined && sequence !== undefined) sequences.set(subject, sequence);
      const event: PlatformEvent = {
        specversion: '1.0',
        id: `${idPrefix}${count}`,
        source,
        type,
        ...(subject === undefined ? {} : { subject, sequence: String(sequence) }),
        time: new Date(world.nowMs).toISOString(),
        datacontenttype: 'application/json',
        data,
      };
      happened.push({ atHallMs: world.nowMs, event });
    },
    take() {
      const taken = happened;
      happened = [];
      return taken;
    },
    sequenceOf: (subject) => sequences.get(subject) ?? 0,
  };
  return world;
}

/** Sets a decision for a window; it is void if anything else was decided for the window meanwhile. */
export function decide(world: World, counter: Counter, afterMs: number, act: () => void): void {
  counter.token += 1;
  const { token } = counter;
  world.timers.set(world.nowMs + Math.round(afterMs), () => {
    if (counter.token === token) act();
  });
}
