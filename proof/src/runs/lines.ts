/** Cables pulled and cards without power in a whole hall: how soon it is noticed, and how soon the strip is right again. */
import type { Clock } from '@hall/contracts';
import { HALL, startHall } from '../harness/hall.ts';
import { createJudge } from '../harness/judge.ts';
import type { Line } from '../harness/strips.ts';

export interface LineMeasure {
  readonly what: string;
  readonly ms: number;
  /** Promised at most, ms. */
  readonly limitMs: number;
}

export interface LineResult {
  readonly measures: readonly LineMeasure[];
  readonly flashWrites: number;
  readonly wrongMs: number;
  readonly steppedBack: number;
}

const STRIP = 'strip-w01';
const LOOK_MS = 5;
const LONGEST_MS = 60_000;
const OFF_MS = 3000;
/** Shorter than a heartbeat: a serial line shows nothing of it. */
const BLINK_MS = 100;
/** A link that has lasted so long is trusted again; one that keeps breaking is tried less often. */
const HELD_MS = 10_500;

/** Milliseconds until the condition holds; never longer than a minute. */
async function timeUntil(clock: Clock, holds: () => boolean): Promise<number> {
  const fromMs = clock.machine.nowMs();
  while (!holds()) {
    if (clock.machine.nowMs() - fromMs > LONGEST_MS) return Number.POSITIVE_INFINITY;
    await clock.machine.sleep(LOOK_MS);
  }
  return clock.machine.nowMs() - fromMs;
}

export async function runLines(line: Line): Promise<LineResult> {
  const hall = await startHall({ windows: 2, line });
  try {
    const { clock, content, strips, secret, server, feed, agents } = hall;
    const judge = createJudge({ clock, content, strips, secret, hall: HALL, baseUrl: server.httpUrl });
    try {
      const strip = strips.get(STRIP);
      const agent = agents.get('agent-a');
      if (!strip || !agent) throw new RangeError('the hall has no strip to pull');
      const { simulator } = strip;
      const measures: LineMeasure[] = [];
      const online = () => agent.state().devices[STRIP]?.link === 'online';
      const right = () => {
        judge.checker.look([STRIP]);
        return judge.truth.expected(STRIP).at(-1)?.key !== undefined && judge.differing().length === 0 && shows(newest);
      };
      let tickets = 0;
      let newest = '';
      const shows = (ticket: string) => simulator.texts().includes(ticket);
      const call = () => {
        tickets += 1;
        newest = `A${String(tickets).padStart(3, '0')}`;
        judge.send(feed.called('w01', newest));
      };
      const measure = async (what: string, limitMs: number, holds: () => boolean) =>
        measures.push({ what, limitMs, ms: await timeUntil(clock, holds) });

      judge.send(feed.event('window.opened', 'made-w01', { window: 'w01' }));
      call();
      await timeUntil(clock, right);

      strip.unplug(true);
      await measure('cable pulled: noticed', 5000, () => !online());
      call();
      call();
      await judge.sender.drained();
      strip.unplug(false);
      await measure('cable back: whole picture', 2000, right);

      // Nobody hangs up; the bytes just go nowhere.
      Object.assign(simulator.faults, { deaf: true, silence: true });
      await measure('bytes lost silently: noticed', 5000, () => !online());
      call();
      await judge.sender.drained();
      simulator.faults.clear();
      await measure('bytes pass again: whole picture', 2000, right);

      await timeUntil(clock, online);
      await simulator.restart(OFF_MS);
      await measure('power back after 3 s: areas', 5000, () => right() && online());

      await timeUntil(clock, online);
      await clock.machine.sleep(HELD_MS);
      await simulator.restart(BLINK_MS);
      await measure(`power blinked for ${BLINK_MS} ms: areas`, line === 'tcp' ? 5000 : 30_000, right);
      const { wrong } = judge.checker.tally();
      return { measures, flashWrites: simulator.state.flashWrites, wrongMs: wrong, steppedBack: judge.steppedBack.length };
    } finally {
      await judge.close();
    }
  } finally {
    await hall.close();
  }
}
