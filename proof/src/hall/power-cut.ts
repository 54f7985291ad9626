import type { Promised } from '../promise.ts';
import { runPowerCuts } from '../power-cut/power-cut.ts';

/** Must show 4, second half. */
export const powerCut: Promised = {
  id: 'power-cut',
  zh: '模拟断电：已确认的事件一个不丢；反例（synchronous=NORMAL）必须被同一检查发现',
  en: 'Simulated power cuts at random moments: 0 acknowledged events lost, 0 damaged databases; with synchronous=NORMAL the same checker must fail (negative control).',
  run: async ({ seed, quick, say }) => {
    const size = quick ? { cuts: 100, events: 200 } : { cuts: 1000, events: 600 };
    const full = await runPowerCuts({ ...size, seed, careless: false, say });
    const control = await runPowerCuts({ ...size, cuts: Math.ceil(size.cuts / 5), seed, careless: true, say });
    return {
      pass: full.losing === 0 && full.damaged === 0 && full.acknowledged > 0 && control.losing > 0,
      measured:
        `${full.cuts} cuts of a run with ${full.acknowledged} acknowledged events and ${full.syncs} syncs: ${full.losing} lost ` +
        `something, ${full.damaged} damaged. Control with NORMAL: ${control.losing} of ${control.cuts} cuts lost up to ` +
        `${control.mostLost} acknowledged events.`,
      figures: { cuts: full.cuts, losing: full.losing, damaged: full.damaged, controlLosing: control.losing },
    };
  },
};
