/**
 * Carries what was decided to the channels: one message at a time per channel, at its rate, again after growing waits, and not
 * at all for a while when nothing answers there. Each message keeps its id, so that a kill between sending and recording leads
 * to one repetition at most that the receiver can tell.
 */
import { createTimer, type Clock, type NoticeChannel } from '@hall/contracts';
import type { Logger } from 'pino';
import type { Writer } from '../../platform/store/writer.ts';
import type { Outcome } from './outcome.ts';
import { afterOutcome, circuitState, closedCircuit, EXPIRES_MS, MOST_TRIES, nextMessage, nextTry, type Circuit } from './pace.ts';
import type { DeliveryRow, NoticeStore } from './store.ts';

const MINUTE_MS = 60_000;
/** What is asked again when the store could not be written, ms. */
const AGAIN_MS = 5000;

export interface CourierOptions {
  readonly store: NoticeStore;
  readonly writer: Pick<Writer, 'call'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Unix ms that follow machine time. */
  readonly now: () => number;
  /** One try of a message that has these rows. */
  readonly send: (channel: NoticeChannel, rows: readonly DeliveryRow[], id: string) => Promise<Outcome>;
}
export interface ChannelHealth {
  readonly circuit: ReturnType<typeof circuitState>;
  readonly until: number | null;
  readonly lastFailure: string | null;
}
export interface Courier {
  /** Something may wait. */
  wake(): void;
  health(channel: string): ChannelHealth;
  /** Runs something as the only use of a channel; it counts for the rate and for the circuit. */
  alone(channel: string, act: () => Promise<Outcome>): Promise<Outcome>;
  /** Takes nothing new; resolves when nothing is under way. */
  close(): Promise<void>;
}
interface Lane {
  busy: Promise<unknown> | undefined;
  circuit: Circuit;
  recent: number[];
  lastFailure: string | null;
}

export function createCourier({ store, writer, clock, log, now, send }: CourierOptions): Courier {
  const lanes = new Map<string, Lane>();
  let closed = false;
  const timer = createTimer(clock, () => pump());
  let wakeAt = Number.POSITIVE_INFINITY;

  const laneOf = (channel: string): Lane => {
    let lane = lanes.get(channel);
    if (!lane) {
      lane = { busy: undefined, circuit: closedCircuit, recent: store.sentSince(channel, now() - MINUTE_MS), lastFailure: null };
      lanes.set(channel, lane);
    }
    return lane;
  };
  const wakeLater = (at: number) => {
    if (at >= wakeAt || closed) return;
    wakeAt = at;
    timer.set(clock.machine.nowMs() + Math.max(1, at - now()));
  };
  let waking = false;
  /** After this turn, so that what is told together goes together. */
  const wake = () => {
    if (waking || closed) return;
    waking = true;
    setImmediate(() => {
      waking = false;
      pump();
    });
  };
  const note = (channel: string, lane: Lane, outcome: Outcome) => {
    const before = circuitState(lane.circuit, now());
    lane.circuit = afterOutcome(lane.circuit, outcome, now());
    lane.lastFailure = outcome.verdict === 'sent' ? null : outcome.code;
    const after = circuitState(lane.circuit, now());
    if (before !== after) log.warn({ channel, circuit: after, code: outcome.code }, 'notice channel changed');
  };
  const used = (lane: Lane) => {
    lane.recent = [...lane.recent.filter((at) => at > now() - MINUTE_MS), now()];
  };
  /** What nobody would understand any more is given up. */
  const expire = async (rows: readonly DeliveryRow[]): Promise<boolean> => {
    const old = rows.filter(({ createdAt }) => createdAt < now() - EXPIRES_MS).map(({ seq }) => seq);
    if (old.length === 0) return false;
    const ended = { seqs: old, state: 'failed', at: now(), nextAt: now(), tried: false, code: 'EXPIRED', answer: '' } as const;
    await writer.call('notices.outcome', ended);
    return true;
  };

  /** One step of a channel; answers when the next one may be, Unix ms, undefined when nothing waits. */
  const step = async (channel: NoticeChannel, lane: Lane): Promise<number | undefined> => {
    const rows = store.waitingFor(channel.id);
    if (await expire(rows)) return now();
    if (circuitState(lane.circuit, now()) === 'open') return rows.length === 0 ? undefined : (lane.circuit.openUntil ?? now());
    const next = nextMessage(rows, lane.recent, channel.perMinute, now());
    if (!next) return undefined;
    if ('waitUntil' in next) return next.waitUntil;
    const [first] = next.send;
    if (!first) return undefined;
    const seqs = next.send.map(({ seq }) => seq);
    const id = first.batch ?? first.id;
    if (seqs.length > 1 && first.batch === null) await writer.call('notices.begin', { seqs, batch: id });
    used(lane);
    const outcome = await send(channel, next.send, id);
    note(channel.id, lane, outcome);
    const { verdict, code, answer } = outcome;
    const again = verdict === 'later' ? nextTry(first.tries + 1, outcome, now()) : undefined;
    const state = verdict === 'sent' ? 'sent' : again === undefined ? 'failed' : 'waiting';
    await writer.call('notices.outcome', { seqs, state, at: now(), nextAt: again ?? now(), tried: true, code, answer });
    if (state === 'failed')
      log.warn({ channel: channel.id, code, tries: Math.min(first.tries + 1, MOST_TRIES) }, 'notice not delivered');
    return now();
  };
  const work = async (channel: NoticeChannel, lane: Lane): Promise<void> => {
    while (!closed) {
      const next = await step(channel, lane);
      if (next === undefined) return;
      if (next > now()) return wakeLater(next);
    }
  };
  const start = (channel: NoticeChannel) => {
    const lane = laneOf(channel.id);
    if (lane.busy || closed) return;
    lane.busy = work(channel, lane)
      .catch((error: unknown) => {
        log.warn({ error, channel: channel.id }, 'notices wait for the store');
        wakeLater(now() + AGAIN_MS);
      })
      .finally(() => {
        lane.busy = undefined;
      });
  };
  function pump(): void {
    wakeAt = Number.POSITIVE_INFINITY;
    if (closed) return;
    const { channels } = store.settings().settings;
    const waiting = store.waiting();
    for (const channel of channels) if (channel.enabled && waiting.has(channel.id)) start(channel);
  }

  return {
    wake,
    health: (channel) => {
      const lane = lanes.get(channel);
      const circuit = circuitState(lane?.circuit ?? closedCircuit, now());
      return {
        circuit,
        until: circuit === 'open' ? (lane?.circuit.openUntil ?? null) : null,
        lastFailure: lane?.lastFailure ?? null,
      };
    },
    alone: async (channel, act) => {
      const lane = laneOf(channel);
      while (lane.busy) await lane.busy;
      const acting = act();
      lane.busy = acting;
      used(lane);
      try {
        const outcome = await acting;
        note(channel, lane, outcome);
        return outcome;
      } finally {
        lane.busy = undefined;
        wake();
      }
    },
    close: async () => {
      closed = true;
      timer.stop();
      await Promise.allSettled([...lanes.values()].map(({ busy }) => busy ?? Promise.resolve()));
    },
  };
}
