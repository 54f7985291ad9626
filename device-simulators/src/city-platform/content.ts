import type { Device, HallCalendar, HallContent, Service, Staff, Window } from '@hall/contracts';
import { catalogue, givenNames, surnames } from './catalogue.ts';
import { createRandom } from './random.ts';

export interface DemoContentOptions {
  /** 1 to 500; default 60. */
  readonly windows?: number;
  /** 1 to 20; default 20. More windows than departments are needed. */
  readonly departments?: number;
  /** The agents that share the devices, in areas of equal size; default agent-a … agent-d. */
  readonly agents?: readonly string[];
  /** TCP port of each strip, by position; default 5005 for all, each with its own host `192.168.0.{n}`. */
  readonly stripPorts?: readonly number[];
  /** Host of every strip when `stripPorts` is given; default 127.0.0.1. */
  readonly stripHost?: string;
  /** Strips per window, for growth benchmarks; default 1. `stripPorts` then has windows × this many entries. */
  readonly stripsPerWindow?: number;
  /** One queue board per area on the kiosk driver; default true. */
  readonly boards?: boolean;
  /** Default 320. */
  readonly stripWidthPx?: number;
  /** Default 48. */
  readonly stripHeightPx?: number;
}

/** Prefix letters of the n-th service: A … Z, AA, AB, … */
const prefixOf = (index: number): string =>
  (index >= 26 ? String.fromCharCode(64 + Math.floor(index / 26)) : '') + String.fromCharCode(65 + (index % 26));

/** Divides `total` by weights, each at least one, largest remainders first. */
function shares(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((left, right) => left + right, 0);
  const spare = total - weights.length;
  const exact = weights.map((weight) => (spare * weight) / sum);
  const counts = exact.map((share) => 1 + Math.floor(share));
  const order = exact.map((share, at) => ({ at, rest: share - Math.floor(share) })).toSorted((a, b) => b.rest - a.rest);
  let left = total - counts.reduce((a, b) => a + b, 0);
  for (const { at } of order) {
    if (left === 0) break;
    counts[at] = (counts[at] ?? 0) + 1;
    left -= 1;
  }
  return counts;
}

/** The services a window takes: all of its department; in a large department the last window is a quick counter for two. */
function servicesAt(services: readonly Service[], at: number, windows: number): string[] {
  const quick = windows >= 4 && at === windows - 1 && services.length > 2;
  return (quick ? services.slice(-2) : services).map(({ id }) => id);
}

const spread = (name: string, from: string, to: string) => {
  const days: { day: string; name: string }[] = [];
  for (let at = Date.parse(from); at <= Date.parse(to); at += 86_400_000) {
    days.push({ day: new Date(at).toISOString().slice(0, 10), name });
  }
  return days;
};

/**
 * Holidays and make-up days of 2026 as the State Council arranged them; of 2027 only the statutory days, since the
 * arrangement of a year is published in the autumn before it.
 */
const holidays: HallCalendar['holidays'] = [
  ...spread('元旦', '2026-01-01', '2026-01-03'),
  ...spread('春节', '2026-02-15', '2026-02-23'),
  ...spread('清明节', '2026-04-04', '2026-04-06'),
  ...spread('劳动节', '2026-05-01', '2026-05-05'),
  ...spread('端午节', '2026-06-19', '2026-06-21'),
  ...spread('中秋节', '2026-09-25', '2026-09-27'),
  ...spread('国庆节', '2026-10-01', '2026-10-07'),
  ...spread('元旦', '2027-01-01', '2027-01-01'),
  ...spread('春节', '2027-02-05', '2027-02-08'),
  ...spread('清明节', '2027-04-05', '2027-04-05'),
  ...spread('劳动节', '2027-05-01', '2027-05-02'),
  ...spread('端午节', '2027-06-09', '2027-06-09'),
  ...spread('中秋节', '2027-09-15', '2027-09-15'),
  ...spread('国庆节', '2027-10-01', '2027-10-03'),
];
const FRIDAY = 4;
const makeUpDays: HallCalendar['makeUpDays'] = [
  '2026-01-04',
  '2026-02-14',
  '2026-02-28',
  '2026-05-09',
  '2026-09-20',
  '2026-10-10',
].map((day) => ({ day, as: FRIDAY }));

function calendarOf(lunchWindows: string[]): HallCalendar {
  const working = [
    { from: '09:00', to: '12:00' },
    { from: '13:30', to: '17:00' },
  ];
  return {
    zone: 'Asia/Shanghai',
    week: [working, working, working, working, working, [], []].map((shifts) => [...shifts]),
    tailMinutes: 30,
    lunchWindows,
    holidays: [...holidays],
    makeUpDays: [...makeUpDays],
    windowHours: [],
  };
}

const AREA_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/**
 * A believable hall: departments, services with ticket prefixes, windows, staff, one strip per window and one board per
 * area. The same options give the same content. Windows and their devices are spread over the agents in blocks, so an agent is
 * an area (A区 …).
 */
export function demoContent(options: DemoContentOptions = {}): HallContent {
  const windowCount = options.windows ?? 60;
  const departmentCount = Math.min(options.departments ?? 20, catalogue.length, windowCount);
  const agents = options.agents ?? ['agent-a', 'agent-b', 'agent-c', 'agent-d'];
  const chosen = catalogue.slice(0, departmentCount);
  const random = createRandom(`content/${windowCount}/${departmentCount}`);

  const services: Service[] = [];
  for (const department of chosen) {
    for (const { id, zh, en, short } of department.services) {
      services.push({ id, zh, en, short, department: department.id, prefix: prefixOf(services.length) });
    }
  }

  const windows: Window[] = [];
  const staff: Staff[] = [];
  const lunchWindows: string[] = [];
  const digits = Math.max(2, String(windowCount).length);
  const areaSize = Math.ceil(windowCount / Math.max(1, agents.length));
  const counts = shares(
    windowCount,
    chosen.map(({ weight }) => weight),
  );
  chosen.forEach((department, at) => {
    const own = services.filter((service) => service.department === department.id);
    const count = counts[at] ?? 1;
    for (let position = 0; position < count; position += 1) {
      const number = String(windows.length + 1).padStart(digits, '0');
      const id = `w${number}`;
      const area = `${AREA_LETTERS[Math.floor(windows.length / areaSize) % 26]}区`;
      windows.push({ id, number, area, department: department.id, services: servicesAt(own, position, count) });
      // The first window of the larger departments stays open at noon.
      if (position === 0 && count >= 3) lunchWindows.push(id);
    }
    // A岗 for every window and a B岗 for every third, who also relieve at noon.
    for (let person = 0; person < count + Math.ceil(count / 3); person += 1) {
      const number = String(staff.length + 1).padStart(3, '0');
      staff.push({ id: `p${number}`, name: random.pick(surnames) + random.pick(givenNames), number, department: department.id });
    }
  });

  return {
    settings: {
      zh: '云州县政务服务大厅',
      en: 'Yunzhou County Service Hall',
      staffNamePolicy: 'surname',
      liveMaxAgeS: 30,
      safeAfterS: 300,
      feedMaxAgeS: 60,
    },
    calendar: calendarOf(lunchWindows),
    departments: chosen.map(({ id, zh, en, short }) => ({ id, zh, en, short })),
    services,
    staff,
    windows,
    devices: [...stripsOf(windows, agents, areaSize, options), ...(options.boards === false ? [] : boardsOf(windows, agents))],
  };
}

function stripsOf(
  windows: readonly Window[],
  agents: readonly string[],
  areaSize: number,
  options: DemoContentOptions,
): Device[] {
  const perWindow = options.stripsPerWindow ?? 1;
  const strips: Device[] = [];
  windows.forEach((window, at) => {
    for (let copy = 0; copy < perWindow; copy += 1) {
      const position = at * perWindow + copy;
      const port = options.stripPorts?.[position];
      strips.push({
        id: copy === 0 ? `strip-${window.id}` : `strip-${window.id}-${copy + 1}`,
        name: `${window.number}号窗口条屏${copy === 0 ? '' : copy + 1}`,
        agent: agents[Math.floor(at / areaSize)] ?? 'agent-a',
        driver: 'onbon-k',
        settings:
          port === undefined
            ? { transport: 'tcp', host: `192.168.0.${(position % 250) + 1}`, port: 5005 }
            : { transport: 'tcp', host: options.stripHost ?? '127.0.0.1', port },
        screen: {
          template: 'window-strip',
          widthPx: options.stripWidthPx ?? 320,
          heightPx: options.stripHeightPx ?? 48,
          window: window.id,
        },
      });
    }
  });
  return strips;
}

function boardsOf(windows: readonly Window[], agents: readonly string[]): Device[] {
  const areas = [...new Set(windows.map(({ area }) => area ?? ''))];
  return areas.map((area, at) => ({
    id: `board-${AREA_LETTERS[at % 26]?.toLowerCase()}`,
    name: `${area}叫号大屏`,
    agent: agents[at] ?? 'agent-a',
    driver: 'kiosk',
    settings: {},
    screen: { template: 'queue-board', widthPx: 1920, heightPx: 1080, area },
  }));
}
