/** (e) Node-RED doing the same webhook-to-MQTT-to-TCP job, side by side. It stores nothing and checks no signature. */
import { systemClock } from '@hall/contracts';
import { figure, median, type Figure } from '../figures.ts';
import { prepareHall, startHall } from '../hall-system.ts';
import { installNodeRed, startNodeRed } from '../node-red-system.ts';
import type { Part } from '../part.ts';
import { saturate } from '../saturate.ts';
import { medianOf, sideBySide } from '../side-by-side.ts';
import { openHallStrips, openLineDevices } from '../devices.ts';
import type { CallSystem } from '../system.ts';
import { AGENTS, STRIPS } from './calls.ts';

const RATES = [50, 200, 2000];
/** At more a strip of ours keeps its pace of ten pictures a second, and a call waits for its turn (docs/decisions/0007). */
const MOST_OF_A_HALL = 200;
const IN_FLIGHT = 256;
const MOST_PER_SECOND = 14_000;
/** Calls of the saturation have numbers of their own. */
const FIRST_CALL = 1_000_000;
/** Nothing came for this long: everything that will arrive has arrived. */
const QUIET_MS = 1500;
const { machine } = systemClock();

export const nodeRed: Part = {
  name: 'node-red',
  title: 'Node-RED 4.1.8 doing the same job: webhook to MQTT to TCP, beside the product',
  measure: async (context) => {
    await installNodeRed(context.say);
    const strips = await openHallStrips('tcp', STRIPS);
    const devices = await openLineDevices('tcp', STRIPS, false);
    const prepared = await prepareHall({ agents: AGENTS, windows: STRIPS }, strips);
    const seconds = context.quick ? 3 : 10;
    const contenders = [
      { name: 'hall', start: () => startHall(prepared) },
      { name: 'Node-RED', start: () => startNodeRed(devices) },
    ];
    try {
      const schedules = RATES.map((perSecond) => ({ perSecond, seconds }));
      const records = await sideBySide(context, contenders, schedules);
      const through = new Map(contenders.map(({ name }) => [name, [] as number[]]));
      for (let round = 1; round <= context.runs; round += 1) {
        for (const { name, start } of contenders) {
          const system = await start();
          try {
            const rate = await eventsThrough(system, seconds);
            through.get(name)?.push(rate);
            context.say(`${round}/${context.runs} ${name}: ${rate.toFixed(0)} events/s with ${IN_FLIGHT} in flight`);
          } finally {
            await system.close();
          }
        }
      }
      const [ours, theirs] = ['hall', 'Node-RED'].map((name) => median(through.get(name) ?? [])) as [number, number];
      return [
        ...RATES.flatMap((perSecond): Figure[] => {
          const at = (name: string, p: number) => medianOf(records.get(name)?.byRate.get(perSecond), 'strip', p);
          return [50, 99].flatMap((p) => [
            figure(`${perSecond}/s: POST to device p${p}`, at('hall', p), 'ms'),
            figure(`${perSecond}/s: Node-RED, POST to device p${p}`, at('Node-RED', p), 'ms'),
            figure(
              `${perSecond}/s: Node-RED's p${p} as a multiple of ours`,
              at('Node-RED', p) / at('hall', p),
              'x',
              perSecond <= MOST_OF_A_HALL ? { least: 1 } : {},
            ),
          ]);
        }),
        figure(`throughput, ${IN_FLIGHT} in flight, every event durable`, ours, 'events/s'),
        figure(`throughput, ${IN_FLIGHT} in flight: Node-RED, nothing durable`, theirs, 'events/s'),
        figure("throughput as a multiple of Node-RED's", ours / theirs, 'x', { least: 1 }),
      ];
    } finally {
      await prepared.remove();
      await strips.close();
      await devices.close();
    }
  },
};

/** Events per second from the first request until the last bytes at a device. */
async function eventsThrough(system: CallSystem, seconds: number): Promise<number> {
  const requests = Array.from({ length: seconds * MOST_PER_SECOND }, (_, at) =>
    system.request(FIRST_CALL + at, at % system.strips),
  );
  const startMs = machine.nowMs();
  let lastMs = startMs;
  let newest = -1;
  system.listen((_strip, call, atMs) => {
    // A strip repeats what it shows now and then; only news count.
    if (call > newest) lastMs = atMs;
    newest = Math.max(newest, call);
  });
  const { answered } = await saturate(system.url, (at) => requests[at], IN_FLIGHT, seconds);
  while (machine.nowMs() - lastMs < QUIET_MS) await machine.sleep(QUIET_MS / 10);
  return (answered * 1000) / (lastMs - startMs);
}
