import { runSuite } from '../harness/suite.ts';
import { runLines } from '../runs/lines.ts';
import type { Promised } from '../promise.ts';

const DRIVER = 'edge-agent/src/drivers/onbon-k/';
const LINES = ['tcp', 'pty'] as const;

/** Must show 3. */
export const driverLinks: Promised = {
  id: 'driver-links',
  zh: '同一套条屏驱动测试在 TCP 和真实串口（pty）上都通过；拔线 5 秒内发现，恢复后 2 秒内完整重显',
  en: 'The same strip driver tests pass over TCP and over a real pty; an unplugged cable is noticed within 5 s and the whole picture is back within 2 s of its return.',
  run: async ({ say }) => {
    const suite = await runSuite('integration', [DRIVER]);
    say(`driver tests: ${suite.passed} passed, ${suite.failed.length} failed`);
    const texts: string[] = [];
    const figures: Record<string, number> = {};
    let pass = suite.passed > 0 && suite.failed.length === 0 && suite.skipped === 0;
    for (const line of LINES) {
      const { measures, flashWrites, wrongMs, steppedBack } = await runLines(line);
      for (const { what, ms, limitMs } of measures) {
        texts.push(`${line} ${what} ${(ms / 1000).toFixed(2)} s (≤ ${limitMs / 1000} s)`);
        figures[`${line}: ${what}, ms`] = Math.round(ms);
        pass &&= ms <= limitMs;
      }
      pass &&= flashWrites === 0 && wrongMs === 0 && steppedBack === 0;
      say(`${line}: flash writes ${flashWrites}, wrong ${wrongMs} ms`);
    }
    const failed = suite.failed.length === 0 ? '' : ` Failed: ${suite.failed.join('; ')}.`;
    return { pass, figures, measured: `${suite.passed} driver tests passed.${failed} Whole hall: ${texts.join('; ')}.` };
  },
};
