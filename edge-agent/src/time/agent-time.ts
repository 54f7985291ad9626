/** Everything an agent knows of the time: what it measures, what it was told, and what it keeps over a restart. */
import type { Clock } from '@hall/contracts';
import type { Logger } from 'pino';
import type { Store } from '../store/store.ts';
import type { Line } from '../uplink/line.ts';
import { createDiscipline, type Discipline } from './discipline.ts';
import { createHallTime, type HallTimeSample, type LearntHallTime, type StoredHallTime } from './hall-time.ts';
import { keepHallTime } from './keep-hall-time.ts';

/** Hall time that moved by more than this between two samples has jumped, and every screen is looked at anew, hall ms. */
const TIME_JUMP_MS = 1000;

export interface AgentTime {
  readonly hallTime: LearntHallTime;
  readonly discipline: Discipline;
  /** What the server says about the time beside its answers: it counts until there is a measurement; after that it only makes doubt. */
  hear(sample: HallTimeSample): void;
  /** Asks no more, and writes a last time. */
  close(): Promise<void>;
}

export interface AgentTimeOptions {
  readonly epoch: string;
  readonly remembered: StoredHallTime | undefined;
  readonly store: Pick<Store, 'call'>;
  readonly line: Pick<Line, 'publish'>;
  /** Screens may be others than a moment ago. */
  onJump(): void;
  count(name: string): void;
}

export function createAgentTime(
  { epoch, remembered, store, line, onJump, count }: AgentTimeOptions,
  clock: Clock,
  log: Logger,
): AgentTime {
  const hallTime = createHallTime(clock, remembered);
  const jumpMs = (sample: HallTimeSample) => TIME_JUMP_MS * Math.max(1, sample.speed);
  const discipline = createDiscipline(
    { epoch, ask: (request) => void line.publish('timeRequest', request), learn, count },
    clock,
  );
  const keeper = keepHallTime(hallTime, (snapshot) => store.call('saveHallTime', snapshot), clock, log);

  function learn(sample: HallTimeSample): void {
    const before = hallTime.nowMs();
    const { speed, trust } = hallTime;
    hallTime.learn(sample);
    if (trust !== 'told') keeper.now();
    const jumped = Math.abs(hallTime.nowMs() - before) > jumpMs(sample);
    if (jumped || speed !== sample.speed || trust === 'untrusted') onJump();
  }
  return {
    hallTime,
    discipline,
    hear(sample) {
      if (!discipline.measured) return learn(sample);
      const differs = Math.abs(sample.hallMs - hallTime.nowMs()) > jumpMs(sample);
      if (differs || sample.speed !== hallTime.speed) discipline.doubt();
    },
    async close() {
      discipline.close();
      await keeper.close();
    },
  };
}
