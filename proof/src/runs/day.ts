/** A recorded hall day, replayed fast with duplicates, disorder and lateness, while every strip is held against the model. */
import { createHallDay, disturb, playRecording, type Disturbance } from '@hall/simulators';
import type { Tally } from '@hall/virtual-hall';
import { HALL, SOURCE, startHall } from '../harness/hall.ts';
import { createJudge, type Evidence, type Judge } from '../harness/judge.ts';

export const DAY = '2026-11-23';

export interface DayOptions {
  readonly seed: number;
  readonly windows: number;
  readonly agents: readonly string[];
  /** Visitors of the whole day. */
  readonly tickets: number;
  /** Hall time from which and up to which the day is played, Unix ms; what came before is sent first. */
  readonly fromMs?: number;
  readonly untilMs?: number;
  readonly speed: number;
  readonly disturbance?: Omit<Disturbance, 'seed'>;
  readonly say?: (text: string) => void;
}

export interface DayResult {
  readonly tally: Tally;
  readonly evidence: readonly Evidence[];
  readonly events: number;
  readonly sent: number;
  readonly outcomes: Judge['outcomes'];
  readonly refusals: Judge['refusals'];
  readonly lost: number;
  readonly steppedBack: readonly string[];
  /** Strips that in the end did not show what the model says. */
  readonly differing: readonly string[];
  readonly undocumented: number;
  readonly seconds: number;
}

const DISTURBANCE = { duplicates: 0.05, disorder: 0.05, lateness: 0.05, latestMs: 60_000 };
const SAY_EVERY_MS = 30_000;
const SETTLE_MS = 20_000;
/** Hall time begins so much earlier, machine ms: until then server, agents and what came before are in place. */
const PREPARE_MS = 8000;

export async function runDay(options: DayOptions): Promise<DayResult> {
  const { seed, windows, agents, tickets, speed, say = () => {} } = options;
  const fromHallMs = options.fromMs ?? Date.parse(`${DAY}T05:59:00+08:00`);
  const hall = await startHall({ windows, agents, speed, startMs: fromHallMs - PREPARE_MS * speed });
  try {
    const { clock, content, strips, secret, server } = hall;
    const judge = createJudge({ clock, content, strips, secret, speed, hall: HALL, baseUrl: server.httpUrl });
    const stop = new AbortController();
    try {
      const day = createHallDay({ seed, content, day: DAY, tickets, source: SOURCE });
      const untilMs = options.untilMs ?? day.endMs;
      const recorded = day.events.filter(({ atHallMs }) => atHallMs <= untilMs);
      const played = disturb(recorded, { ...(options.disturbance ?? DISTURBANCE), seed });
      const playing = playRecording(played, { clock, speed, send: (event) => judge.send(event), signal: stop.signal });
      // Until its time has come, the hall is not judged: agents connect, and what came before is caught up with.
      await clock.machine.sleep(Math.max(0, (fromHallMs - clock.hall.nowMs()) / speed));
      if (!(await judge.settled(SETTLE_MS))) throw new Error(`no even start: ${judge.differing().join(' ')}`);
      judge.checker.reset();
      const fromMs = clock.machine.nowMs();
      const saying = sayNowAndThen();
      await playing;
      const even = await judge.settled(SETTLE_MS);
      stop.abort();
      await saying;
      return {
        tally: judge.checker.tally(),
        evidence: [...judge.evidence],
        events: judge.sent.size,
        sent: played.length,
        outcomes: judge.outcomes,
        refusals: judge.refusals,
        lost: [...judge.sent].filter((key) => !judge.acknowledged.has(key)).length,
        steppedBack: [...judge.steppedBack],
        differing: even ? [] : judge.differing(),
        undocumented: hall.messages.faults.length,
        seconds: (clock.machine.nowMs() - fromMs) / 1000,
      };
    } finally {
      stop.abort();
      await judge.close();
    }

    async function sayNowAndThen(): Promise<void> {
      while (!stop.signal.aborted) {
        await clock.machine.sleep(SAY_EVERY_MS, stop.signal).catch(() => {});
        const at = new Date(clock.hall.nowMs() + 8 * 3_600_000).toISOString().slice(11, 16);
        const { wrong, late } = judge.checker.tally();
        if (!stop.signal.aborted)
          say(`hall time ${at}, ${judge.sent.size} events, late ${late.toFixed(0)} ms, wrong ${wrong.toFixed(0)} ms`);
      }
    }
  } finally {
    await hall.close();
  }
}
