/** The hall as the page is told it. */
import type { Clock, Picture } from '@hall/contracts';
import type { StageChanges, StageHall, StageWindow, StripView } from './stage-messages.ts';
import type { StageStrip } from './strips.ts';
import type { Dirty, RunningHall } from './virtual-hall.ts';

const SHOWN_TRACES = 30;

/** Four pixels a byte, the first in the highest bits. */
export function packPicture({ pixels }: Picture): string {
  const bytes = new Uint8Array(Math.ceil(pixels.length / 4));
  for (let at = 0; at < pixels.length; at += 1) {
    const pixel = (pixels[at] ?? 0) & 3;
    bytes[at >> 2] = (bytes[at >> 2] ?? 0) | (pixel << (6 - 2 * (at & 3)));
  }
  return Buffer.from(bytes).toString('base64');
}

export function stageHall({ config, cables, processes }: RunningHall): StageHall {
  const { content } = config;
  const departments = new Map(content.departments.map((department) => [department.id, department]));
  const windows = content.windows.map(({ id, number, area, department, services }): StageWindow => {
    const named = departments.get(department);
    const strip = content.devices.find(({ screen, driver }) => driver === 'onbon-k' && screen?.window === id);
    return {
      id,
      number,
      area: area ?? '',
      department: named?.short ?? named?.zh ?? department,
      departmentEn: named?.en ?? named?.zh ?? department,
      services,
      strip: strip?.id ?? '',
    };
  });
  return {
    zh: content.settings.zh,
    en: content.settings.en ?? content.settings.zh,
    zone: content.calendar.zone,
    speed: config.simulation.speed,
    windows,
    services: content.services.map(({ id, zh, en, prefix }) => ({ id, zh, en: en ?? zh, prefix })),
    boards: config.boards,
    agents: cables.size > 0 ? [...cables.keys()] : [...new Set(content.devices.map(({ agent }) => agent))],
    killable: processes.size > 0,
    ...(config.consoleUrl === undefined ? {} : { consoleUrl: config.consoleUrl }),
  };
}

function stripView(hall: RunningHall, strip: StageStrip): StripView {
  const picture = strip.simulator.picture();
  return {
    id: strip.id,
    widthPx: picture.widthPx,
    heightPx: picture.heightPx,
    picture: packPicture(picture),
    texts: strip.simulator.texts(),
    verdict: hall.checker.verdict(strip.id),
    unplugged: strip.unplugged,
    powered: strip.simulator.state.powered,
  };
}

/** Small things that are told every time. */
function pulse(hall: RunningHall, clock: Clock) {
  const { feed, sender } = hall;
  return {
    hallMs: clock.hall.nowMs(),
    tally: hall.checker.tally(),
    countedMs: clock.machine.nowMs() - hall.startedMs,
    processes: Object.fromEntries(hall.processes),
    cables: Object.fromEntries([...hall.cables].map(([agent, { unplugged }]) => [agent, unplugged])),
    feed: {
      connected: feed.connected,
      pending: sender.pending,
      accepted: feed.accepted,
      refused: feed.refused + feed.quarantined,
    },
  };
}

const present = <T>(items: Iterable<T | undefined>): T[] => [...items].filter((item) => item !== undefined);

/** Everything, for a page that has just opened. */
export function everything(hall: RunningHall, clock: Clock): StageChanges {
  return {
    ...pulse(hall, clock),
    strips: [...hall.strips.values()].map((strip) => stripView(hall, strip)),
    counters: present(hall.config.content.windows.map(({ id }) => hall.platform.counter(id))),
    told: [...hall.told.values()],
    traces: hall.traces.newest(SHOWN_TRACES),
  };
}

/** What changed. */
export function changesOf(hall: RunningHall, dirty: Dirty, clock: Clock): StageChanges {
  const strips = present([...dirty.strips].map((id) => hall.strips.get(id))).map((strip) => stripView(hall, strip));
  const counters = present([...dirty.windows].map((id) => hall.platform.counter(id)));
  const told = present([...dirty.told].map((id) => hall.told.get(id)));
  const traces = present([...dirty.traces].map((id) => hall.traces.get(id)));
  return {
    ...pulse(hall, clock),
    ...(strips.length > 0 ? { strips } : {}),
    ...(counters.length > 0 ? { counters } : {}),
    ...(told.length > 0 ? { told } : {}),
    ...(traces.length > 0 ? { traces } : {}),
  };
}
