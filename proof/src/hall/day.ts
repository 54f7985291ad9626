import { readTally } from '../harness/judge.ts';
import { DAY, runDay } from '../runs/day.ts';
import { runForeignWrite } from '../runs/foreign-write.ts';
import type { Promised } from '../promise.ts';

const AGENTS = ['agent-a', 'agent-b', 'agent-c', 'agent-d'];
const LEAST_RIGHT = 0.999;
const SPEED = 200;

/** Must show 5: every strip is held against the model through a whole hall day. */
export const day: Promised = {
  id: 'day',
  zh: '整日回放（60 个窗口、6000 个号、重复、乱序、迟到）：画面正确 ≥ 99.9 %，错误 0 秒',
  en: 'A whole hall day of 60 windows and 6,000 tickets at high speed, with duplicates, disorder and lateness: right ≥ 99.9 % of screen-seconds, wrong 0.0 s.',
  run: async ({ seed, quick, say }) => {
    const { wrong: control } = await runForeignWrite();
    say(`negative control: a foreign number on a strip was counted as wrong for ${(control / 1000).toFixed(1)} s`);
    const span = quick ? { fromMs: Date.parse(`${DAY}T09:50:00+08:00`), untilMs: Date.parse(`${DAY}T10:50:00+08:00`) } : {};
    const result = await runDay({ seed, windows: 60, agents: AGENTS, tickets: 6000, speed: SPEED, say, ...span });
    const { right, text } = readTally(result.tally);
    for (const one of result.evidence.slice(0, 5)) say(JSON.stringify(one));
    const pass =
      control > 1000 &&
      right >= LEAST_RIGHT &&
      result.tally.wrong === 0 &&
      result.lost === 0 &&
      result.steppedBack.length === 0 &&
      result.differing.length === 0 &&
      result.outcomes.quarantined === 0 &&
      result.undocumented === 0;
    return {
      pass,
      measured:
        `${result.events} events (${result.sent} sent, ${result.outcomes.duplicate} of them duplicates) at ${SPEED}x in ${result.seconds.toFixed(0)} s. ` +
        `Screen-seconds: ${text}; right ${(right * 100).toFixed(3)} %. Lost ${result.lost}, stepped back ${result.steppedBack.length}, ` +
        `different at the end ${result.differing.length}, quarantined ${result.outcomes.quarantined}. Control: ${(control / 1000).toFixed(1)} s wrong as planted.`,
      figures: { rightShare: right, wrongS: result.tally.wrong / 1000, lateS: result.tally.late / 1000, events: result.events },
    };
  },
};
