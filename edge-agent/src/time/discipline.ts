/** Asks the server what time it is, once a minute and after every welcome, and keeps what the answers say. */
import type { Clock, HallTime, TimeReply, TimeRequest } from '@hall/contracts';
import { bestOf, errorMs, measure, withMeasurement, type Measurement } from './exchange.ts';
import type { HallTimeSample } from './hall-time.ts';

/** Between two questions, machine ms. */
export const EVERY_MS = 60_000;
/** An answer that takes longer says nothing, and two questions are never closer, ms. */
const ANSWER_MS = 2000;

export interface DisciplineOptions {
  readonly epoch: string;
  /** Sends a question; what becomes of it does not matter. */
  ask(request: TimeRequest): void;
  /** Hall time as the best measurement has it. */
  learn(sample: HallTimeSample): void;
  count(name: string): void;
}

export interface Discipline {
  /** A session began. */
  welcomed(): void;
  /** The session ended; nothing is asked before the next. */
  parted(): void;
  take(reply: TimeReply): void;
  /** Something said another time than is known: asks soon. */
  doubt(): void;
  /** Whether the server has been measured since it was met; before that its other words about the time count. */
  readonly measured: boolean;
  /** The own wall clock less the server's, ms, and how wrong that may be; undefined before the first measurement. */
  skew(): { readonly ms: number; readonly errorMs: number } | undefined;
  /** The server's wall clock as far as it is known, else the own one, in whole ms. */
  readonly wall: HallTime;
  close(): void;
}

export function createDiscipline(options: DisciplineOptions, clock: Clock): Discipline {
  const { epoch, ask, learn, count } = options;
  const { machine } = clock;
  let kept: readonly Measurement[] = [];
  let asked = { number: 0, atMs: Number.NEGATIVE_INFINITY };
  let session = new AbortController();
  session.abort();
  let measured = false;
  let wake = () => {};

  function question(): void {
    asked = { number: asked.number + 1, atMs: machine.nowMs() };
    ask({ epoch, number: asked.number });
  }

  async function run(over: AbortSignal): Promise<void> {
    while (!over.aborted) {
      question();
      const early = new AbortController();
      wake = () => early.abort();
      await machine.sleep(ANSWER_MS, over).catch(() => {});
      if (!early.signal.aborted) await machine.sleep(EVERY_MS - ANSWER_MS, AbortSignal.any([over, early.signal])).catch(() => {});
    }
  }
  const best = () => bestOf(kept, machine.nowMs());

  return {
    welcomed() {
      session.abort();
      session = new AbortController();
      measured = false;
      void run(session.signal);
    },
    parted() {
      session.abort();
    },
    take({ epoch: of, number, receivedMs, repliedMs, hallTime }) {
      const heardMs = machine.nowMs();
      if (of !== epoch || number !== asked.number || heardMs - asked.atMs > ANSWER_MS) return count('dropped.time');
      const newest = measure({ askedMs: asked.atMs, heardMs, receivedMs, repliedMs, hallTime });
      if (!newest) return count('dropped.time');
      asked = { ...asked, atMs: Number.NEGATIVE_INFINITY };
      kept = withMeasurement(kept, newest);
      measured = true;
      const { atMs, hallTime: at } = best() ?? newest;
      learn({ hallMs: at.hallMs + (heardMs - atMs) * at.speed, speed: at.speed });
    },
    doubt: () => wake(),
    get measured() {
      return measured;
    },
    skew() {
      const now = machine.nowMs();
      const one = best();
      return one && { ms: Math.round(clock.wall.nowMs() - now - one.wallBaseMs), errorMs: Math.ceil(errorMs(one, now)) };
    },
    wall: {
      nowMs: () => {
        const one = best();
        return one ? Math.round(machine.nowMs() + one.wallBaseMs) : clock.wall.nowMs();
      },
    },
    close() {
      session.abort();
    },
  };
}
