/**
 * Power cuts of a real hall server: one run under load is recorded act by act, then the disk is rebuilt as it may be after a cut
 * at any moment of it, opened, and compared with what had been acknowledged by then.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemClock } from '@hall/contracts';
import { demoContent, seeded } from '@hall/simulators';
import { createFeed } from '../harness/feed.ts';
import { BUSY_MOMENT, HALL, SOURCE } from '../harness/hall.ts';
import { keyOf } from '../harness/judge.ts';
import { prepareProcesses } from '../harness/processes.ts';
import { readStored } from '../runs/stored.ts';
import { createRecorder, type CutResult } from './cuts.ts';

const LANES = 8;
const WINDOWS = 6;

export interface PowerCutOptions {
  readonly seed: number;
  readonly cuts: number;
  readonly events: number;
  /** Negative control: the store commits with `synchronous=NORMAL`. */
  readonly careless: boolean;
  readonly say?: (text: string) => void;
}

export interface PowerCutResult extends CutResult {
  readonly acknowledged: number;
  readonly syncs: number;
}

/** Promises are the events that had been answered with 202. */
export async function runPowerCuts({ seed, cuts, events, careless, say = () => {} }: PowerCutOptions): Promise<PowerCutResult> {
  const folder = await mkdtemp(path.join(tmpdir(), 'hall-power-'));
  try {
    const offsetMs = Math.round(BUSY_MOMENT - Date.now());
    const content = demoContent({ windows: WINDOWS, departments: 2, agents: ['agent-a'], boards: false });
    const serverEnv: Record<string, string> = {};
    const hall = await prepareProcesses({ folder, content, offsetMs, serverEnv });
    const recorder = await createRecorder(folder, hall.database, careless);
    Object.assign(serverEnv, recorder.env);
    // Which of the first acts belong to which answer is known from how long the record was when the answer came.
    const answers: { readonly key: string; readonly recordedBytes: number }[] = [];
    try {
      hall.server.start();
      await hall.server.ready();
      const clock = systemClock({ offsetMs, speed: 1 });
      const eventsUrl = `${hall.baseUrl}/api/v1/halls/${HALL}/platform/events`;
      const feed = createFeed({ clock, source: SOURCE, secret: hall.secret, eventsUrl: () => eventsUrl });
      let made = 0;
      const lane = async (): Promise<void> => {
        while (made < events) {
          made += 1;
          const event = feed.called(`w0${(made % WINDOWS) + 1}`, `A${String(made).padStart(4, '0')}`);
          const { status } = await feed.send(event);
          if (status === 202) answers.push({ key: keyOf(event), recordedBytes: recorder.bytes() });
        }
      };
      await Promise.all(Array.from({ length: LANES }, lane));
    } finally {
      await hall.server.kill();
    }
    const { acts, syncs } = recorder.acts();
    say(`recorded ${acts} acts, ${syncs} syncs, ${answers.length} answers`);
    const result = await recorder.cut(cuts, seeded(seed), (database, recordedBytes) => {
      const { facts, integrity } = readStored(database, SOURCE);
      if (integrity !== 'ok') return undefined;
      const kept = new Set(facts);
      return answers.filter((answer) => answer.recordedBytes <= recordedBytes && !kept.has(answer.key)).length;
    });
    return { ...result, acknowledged: answers.length, syncs };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
