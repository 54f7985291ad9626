/** (c) call path and floor again, with 10 ms and 30 ms added to every fsync of the server process. */
import { figure, type Figure } from '../figures.ts';
import { startFloor } from '../floor-system.ts';
import { prepareHall, startHall } from '../hall-system.ts';
import type { Part } from '../part.ts';
import { medianOf, sideBySide, sumOf } from '../side-by-side.ts';
import { compileSlowDisk } from '../slow-disk.ts';
import { openHallStrips, openLineDevices } from '../devices.ts';
import { AGENTS, STRIPS } from './calls.ts';

const DELAYS_MS = [10, 30];
const RATES = [50, 200, 2000];

export const slowDisk: Part = {
  name: 'slow-disk',
  title: 'Call path on a slow disk: 10 ms and 30 ms added to every fsync',
  measure: async (context) => {
    const disk = await compileSlowDisk();
    const strips = await openHallStrips('tcp', STRIPS);
    const devices = await openLineDevices('tcp', STRIPS, true);
    const prepared = await prepareHall({ agents: AGENTS, windows: STRIPS }, strips);
    const schedules = RATES.map((perSecond) => ({ perSecond, seconds: context.quick ? 4 : 15 }));
    const figures: Figure[] = [];
    try {
      for (const delayMs of DELAYS_MS) {
        const serverEnv = disk.env(delayMs);
        const records = await sideBySide(
          { ...context, say: (text) => context.say(`${delayMs} ms ${text}`) },
          [
            { name: 'hall', start: () => startHall(prepared, { serverEnv }) },
            { name: 'floor', start: () => startFloor({ agents: AGENTS, devices, serverEnv }) },
          ],
          schedules,
        );
        for (const perSecond of RATES) {
          const runs = records.get('hall')?.byRate.get(perSecond);
          const bare = records.get('floor')?.byRate.get(perSecond);
          const name = `fsync +${delayMs} ms, ${perSecond}/s`;
          const goal = delayMs === 10 && perSecond === 200 ? { most: 120 } : {};
          figures.push(
            figure(`${name}: POST to strip p50`, medianOf(runs, 'strip', 50), 'ms'),
            figure(`${name}: POST to strip p99`, medianOf(runs, 'strip', 99), 'ms', goal),
            figure(`${name}: floor, POST to device p50`, medianOf(bare, 'strip', 50), 'ms'),
            figure(`${name}: floor, POST to device p99`, medianOf(bare, 'strip', 99), 'ms'),
            figure(
              `${name}: events answered 202 and lost`,
              sumOf(runs, (run) => run.lost),
              'events',
              { most: 0 },
            ),
            figure(
              `${name}: events not accepted`,
              sumOf(runs, ({ sent, accepted }) => sent - accepted),
              'events',
            ),
          );
        }
      }
    } finally {
      await prepared.remove();
      await strips.close();
      await devices.close();
      await disk.remove();
    }
    return figures;
  },
};
