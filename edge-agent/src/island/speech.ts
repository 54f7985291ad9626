/** The speech port: what is said is noted first, so that it is never said twice; one voice at a time in a zone. */
import type { Clock } from '@hall/contracts';
import type { Logger } from 'pino';
import type { NewRecord } from '../outbox/sql.ts';
import type { Store } from '../store/store.ts';
import { createTurns } from '../turns.ts';

export interface Utterance {
  /** Names what is to be said once and for all: a second one of the same id is not said. */
  readonly id: string;
  /** Part of the hall in which it is heard. */
  readonly zone: string;
  /** Said one after the other. */
  readonly parts: readonly string[];
  /** Hall time of what it tells, Unix ms. */
  readonly at: number;
}

/** Says something aloud, in whatever way. */
export interface Voice {
  /** Resolves when it has been said. */
  say(utterance: Utterance, signal: AbortSignal): Promise<void>;
}

export interface Speech {
  /** Never rejects; `dropped` for a second time, too late, or a voice that failed. */
  say(utterance: Utterance): Promise<'spoken' | 'dropped'>;
  close(): Promise<void>;
}

export interface SpeechOptions {
  /** Undefined: nothing is said here, and nothing noted. */
  readonly voice: Voice | undefined;
  /** What waited longer than this is not said any more, machine ms. */
  readonly maxAgeMs: number;
  readonly store: Store;
  append(record: NewRecord): void;
}

export function createSpeech({ voice, maxAgeMs, store, append }: SpeechOptions, clock: Clock, log: Logger): Speech {
  const zones = new Map<string, ReturnType<typeof createTurns>>();
  const over = new AbortController();
  const open = new Set<Promise<unknown>>();
  const turnsOf = (zone: string) => {
    let turns = zones.get(zone);
    if (!turns) zones.set(zone, (turns = createTurns()));
    return turns;
  };

  async function one(utterance: Utterance, sinceMs: number): Promise<'spoken' | 'dropped'> {
    const { id, zone, at } = utterance;
    const drop = (why: string) => {
      append({ type: 'speech.dropped', at, data: { id, zone, why } });
      return 'dropped' as const;
    };
    if (!voice || over.signal.aborted) return 'dropped';
    const waitedMs = clock.machine.nowMs() - sinceMs;
    if (waitedMs > maxAgeMs) return drop('late');
    try {
      // After a crash nobody knows whether it was heard; a call that is said twice is worse than one that is shown only.
      if (!(await store.call('speechIntent', { id, at }))) return drop('said_before');
      await voice.say(utterance, over.signal);
    } catch (error) {
      log.error({ err: error, zone }, 'speech failed');
      return drop('failed');
    }
    append({ type: 'speech.spoken', at, data: { id, zone, waitedMs: Math.round(waitedMs) } });
    return 'spoken';
  }

  return {
    say(utterance) {
      const sinceMs = clock.machine.nowMs();
      const said = turnsOf(utterance.zone)(() => one(utterance, sinceMs));
      open.add(said);
      void said.finally(() => open.delete(said));
      return said;
    },
    async close() {
      over.abort();
      await Promise.allSettled(open);
    },
  };
}
