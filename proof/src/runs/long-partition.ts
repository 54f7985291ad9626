/** F16: an agent cut off for long; in fake time over real sockets. */
import { systemClock } from '@hall/contracts';
import { startFakeHall } from './fake-hall.ts';

export interface LongPartitionResult {
  /** From the healed cable to right strips, ms of machine time. */
  readonly healMs: number;
  /** Pictures between the last one of the cut and the right one, by strip: a replay of what was missed. */
  readonly replayed: readonly string[];
  /** Texts shown while cut off, after the data could not be believed any more. */
  readonly shownWhileCut: readonly string[];
}

const WINDOWS = ['w01', 'w02', 'w03'] as const;
const CALLS = 60;
const CUT_STEP_MS = 2000;
/** Long enough after the cut for every strip to say that it is not vouched for any more. */
const BELIEVED_MS = 60_000;
/** Fake and real time of one step where time is measured, ms. */
const PACE_MS = 25;
const LONGEST_HEAL_MS = 60_000;
const real = systemClock().machine;

/** Calls go on during the cut; afterwards only the newest picture of each window may be drawn. */
export async function runLongPartition(cutMs: number): Promise<LongPartitionResult> {
  const fake = await startFakeHall({ windows: WINDOWS.length });
  const { hall, timeUntil, step } = fake;
  try {
    const { feed, strips } = hall;
    const newest = new Map<string, string>();
    const call = async (window: string, ticket: string) => {
      const { body } = await feed.send(feed.called(window, ticket));
      if (body.accepted !== 1) throw new Error(`a call was not accepted: ${JSON.stringify(body)}`);
      newest.set(window, ticket);
    };
    const right = () => WINDOWS.every((window) => hall.shown(window).includes(newest.get(window) ?? 'nothing'));
    /** Connections and commits take real time; fake time that is measured goes no faster. */
    const paced = async (holds: () => boolean): Promise<number> => {
      let ms = 0;
      for (; !holds() && ms < LONGEST_HEAL_MS; ms += PACE_MS) {
        await step(PACE_MS);
        await real.sleep(PACE_MS);
      }
      return holds() ? ms : Number.POSITIVE_INFINITY;
    };
    await feed.send(WINDOWS.map((window) => feed.event('window.opened', `made-${window}`, { window })));
    for (const window of WINDOWS) await call(window, `A0${window.slice(1)}`);
    if ((await paced(right)) > LONGEST_HEAL_MS) throw new Error(`calls were not shown: ${WINDOWS.map(hall.shown).join(' | ')}`);

    hall.cables.get('agent-a')?.unplug(true);
    await timeUntil(() => false, true, BELIEVED_MS, CUT_STEP_MS);
    const shownWhileCut = new Set<string>();
    const seen: string[] = [];
    const stops = WINDOWS.map((window) =>
      strips.get(`strip-${window}`)?.simulator.onChange(() => seen.push(`${window} ${hall.shown(window)}`)),
    );
    for (let made = 1; made <= CALLS; made += 1) {
      const window = WINDOWS[made % WINDOWS.length] ?? 'w01';
      await call(window, `B${String(made).padStart(3, '0')}`);
      await timeUntil(() => false, true, (cutMs - BELIEVED_MS) / CALLS, CUT_STEP_MS);
      for (const each of WINDOWS) shownWhileCut.add(hall.shown(each));
    }
    seen.length = 0;
    hall.cables.get('agent-a')?.unplug(false);
    const healMs = await paced(right);
    for (const stop of stops) stop?.();
    const wanted = WINDOWS.map((window) => newest.get(window) ?? '');
    return {
      healMs,
      replayed: seen.filter((text) => /B\d{3}/.test(text) && !wanted.some((ticket) => text.includes(ticket))),
      shownWhileCut: [...shownWhileCut],
    };
  } finally {
    await fake.close();
  }
}
