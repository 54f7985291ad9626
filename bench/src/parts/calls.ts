/** (a) the call path, (b) the raw floor beside it, (g) memory: 60 strips on 4 agents, over TCP and over pseudo-terminals. */
import type { Schedule } from '../arrivals.ts';
import { figure, type Figure } from '../figures.ts';
import { startFloor } from '../floor-system.ts';
import { prepareHall, startHall } from '../hall-system.ts';
import type { Part, PartContext } from '../part.ts';
import { medianOf, memoryOf, sideBySide, sumOf, type Measured } from '../side-by-side.ts';
import { openHallStrips, openLineDevices, type Line } from '../devices.ts';

export const AGENTS = 4;
export const STRIPS = 60;
const LINES: readonly Line[] = ['tcp', 'pty'];
const LINE_NAMES: Readonly<Record<Line, string>> = { tcp: 'TCP', pty: 'serial' };

/** In rising order: what the store has grown to by the fast run does not burden the slow ones. */
const schedulesOf = (line: Line, quick: boolean): Schedule[] =>
  quick
    ? [50, 200, 2000].map((perSecond) => ({ perSecond, seconds: 4 }))
    : [
        { perSecond: 50, seconds: 10 },
        { perSecond: 200, seconds: 15 },
        { perSecond: 2000, seconds: line === 'tcp' ? 60 : 20 },
      ];

export const calls: Part = {
  name: 'calls',
  title: 'Call path: HTTP POST to bytes at the strip and back, beside the raw floor',
  measure: async (context) => {
    const figures: Figure[] = [];
    for (const line of LINES) figures.push(...(await measureLine(context, line)));
    return figures;
  },
};

async function measureLine(context: PartContext, line: Line): Promise<Figure[]> {
  const strips = await openHallStrips(line, STRIPS);
  const devices = await openLineDevices(line, STRIPS, true);
  const prepared = await prepareHall({ agents: AGENTS, windows: STRIPS }, strips);
  const schedules = schedulesOf(line, context.quick);
  try {
    const records = await sideBySide(
      { ...context, say: (text) => context.say(`${line} ${text}`) },
      [
        { name: 'hall', start: () => startHall(prepared) },
        { name: 'floor', start: () => startFloor({ agents: AGENTS, devices }) },
      ],
      schedules,
    );
    const hall = records.get('hall');
    const floor = records.get('floor');
    if (!hall || !floor) return [];
    const name = LINE_NAMES[line];
    return [
      ...schedules.flatMap(({ perSecond }) => pathFigures(`${name} ${perSecond}/s`, perSecond, hall, floor)),
      ...(line === 'tcp' ? memoryFigures(hall, schedules) : []),
    ];
  } finally {
    await prepared.remove();
    await strips.close();
    await devices.close();
  }
}

/** Figures of one rate. Goals stand where the issue sets them: at 200/s and at 2,000/s. */
function pathFigures(name: string, perSecond: number, hall: Measured, floor: Measured): Figure[] {
  const runs = hall.byRate.get(perSecond);
  const bare = floor.byRate.get(perSecond);
  const p99 = medianOf(runs, 'strip', 99);
  const floorP99 = medianOf(bare, 'strip', 99);
  const steady = perSecond === 200;
  const full = perSecond === 2000;
  return [
    figure(`${name}: POST to strip p50`, medianOf(runs, 'strip', 50), 'ms', steady ? { most: 3 } : {}),
    figure(`${name}: POST to strip p99`, p99, 'ms', steady ? { most: 15 } : full ? { most: 2000 } : {}),
    figure(`${name}: floor, POST to device p50`, medianOf(bare, 'strip', 50), 'ms'),
    figure(`${name}: floor, POST to device p99`, floorP99, 'ms'),
    figure(`${name}: p99 as a multiple of the floor's`, p99 / floorP99, 'x', steady ? { most: 2 } : {}),
    figure(`${name}: POST to confirmation at the server p50`, medianOf(runs, 'acknowledged', 50), 'ms'),
    figure(`${name}: POST to confirmation at the server p99`, medianOf(runs, 'acknowledged', 99), 'ms'),
    figure(`${name}: floor, POST to answer of the device at the server p99`, medianOf(bare, 'acknowledged', 99), 'ms'),
    figure(`${name}: POST to 202 p99`, medianOf(runs, 'answered', 99), 'ms'),
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
      { most: 0 },
    ),
    figure(
      `${name}: calls that never reached their strip`,
      sumOf(runs, (run) => run.missing),
      'calls',
      { most: 0 },
    ),
    figure(`${name}: calls a newer one stood for`, share(runs, 'overtaken'), '%'),
    figure(`${name}: generator late p99`, medianOf(runs, 'lateness', 99), 'ms'),
  ];
}

const share = (runs: Parameters<typeof sumOf>[0], what: 'overtaken'): number =>
  (100 * sumOf(runs, (run) => run[what])) / sumOf(runs, ({ sent }) => sent);

function memoryFigures(hall: Measured, schedules: readonly Schedule[]): Figure[] {
  const usages = (perSecond: number) => hall.byRate.get(perSecond)?.map(({ usage }) => usage);
  return [
    { when: 'idle', usage: hall.idle },
    ...schedules.map(({ perSecond }) => ({ when: `at ${perSecond}/s`, usage: usages(perSecond) })),
  ].flatMap(({ when, usage }) => {
    const agent = memoryOf(usage, 'agent');
    return [
      figure(`resident memory ${when}: server with ${STRIPS} strips`, memoryOf(usage, 'server'), 'MB', { most: 250 }),
      figure(`resident memory ${when}: largest agent, ${STRIPS / AGENTS} strips`, agent, 'MB', { most: 120 }),
    ];
  });
}
