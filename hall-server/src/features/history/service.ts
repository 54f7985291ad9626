/** What others may ask of device history: what a device was, what it measured, and how much its screen was right. */
import {
  HallError,
  type Clock,
  type Device,
  type DeviceHistory,
  type HallContent,
  type UptimeGroup,
  type UptimeRow,
} from '@hall/contracts';
import { devicesIn } from '@hall/model';
import type { Logger } from 'pino';
import type { HallChanges } from '../../platform/changes.ts';
import type { Writer } from '../../platform/store/writer.ts';
import type { DeviceService } from '../agents/service.ts';
import type { Outside } from './condition.ts';
import { createObserver } from './observer.ts';
import type { HistoryStore } from './store.ts';
import { added, conditionTimes, noTime, openSpans, uptimeOf, type ConditionMs, type OpenSpan } from './uptime.ts';

const DAY_MS = 86_400_000;
const LOOK_MS = 1000;
const WRITE_MS = 10_000;
/** That the server still watches is written this often while nothing changes. */
const WATCH_MS = 60_000;
/** After a start a device that has not reported yet is unknown for so long, not offline: its agent has not been back. */
const GRACE_MS = 60_000;
const RETAIN_MS = 3_600_000;
const STEP_ROWS = 2000;
const MOST_ROWS = 5000;
/** What is kept while the store cannot be written. */
const MOST_UNWRITTEN = 50_000;
const LONGEST_SPAN_MS = 366 * DAY_MS;
/** Devices looked at before others get a turn. */
const AT_ONCE = 50;

export interface UptimeAsk {
  readonly from?: number;
  readonly to?: number;
  readonly by?: UptimeGroup;
  readonly days?: boolean;
}
export interface HistoryService {
  /** @throws HallError NOT_FOUND, INPUT_INVALID. */
  device(id: string, ask: { readonly from?: number; readonly to?: number; readonly metric?: string }): DeviceHistory;
  /** The last 7 days unless told otherwise. @throws HallError INPUT_INVALID. */
  uptime(ask: UptimeAsk): Promise<UptimeRow[]>;
  /** What other parts know of a device: whether it is under maintenance, and what was put on it by hand. */
  registerOutside(outside: (device: string) => Partial<Outside>): void;
  /** Something that was registered may be otherwise for these devices. */
  touch(devices: readonly string[]): void;
  /** Watches, writes and thins until the signal aborts; the last act is to write. */
  run(signal: AbortSignal): Promise<void>;
}
export interface HistoryOptions {
  readonly store: HistoryStore;
  readonly writer: Pick<Writer, 'call'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly content: () => HallContent;
  readonly devices: DeviceService;
  readonly changes: HallChanges;
}

const nothing: Outside = { maintenance: false, override: '' };

export function createHistoryService({ store, writer, clock, log, content, devices, changes }: HistoryOptions): HistoryService {
  const hallNow = () => Math.round(clock.hall.nowMs());
  let outside: (device: string) => Partial<Outside> = () => nothing;
  let observer: ReturnType<typeof createObserver> | undefined;
  const startedAt = clock.wall.nowMs();
  const begunMs = clock.machine.nowMs();
  const touch = (ids: readonly string[]) => {
    for (const id of ids) observer?.touch(id);
  };
  let known = new Set<string>();
  /** Devices that came and went with the content. */
  const all = () => {
    const now = new Set(content().devices.map(({ id }) => id));
    touch([...known, ...now]);
    known = now;
  };

  const look = () =>
    observer?.look(hallNow(), (id) => {
      const view = devices.get(id);
      if (!view) return undefined;
      const heard = (view.reportedAt ?? 0) >= startedAt && view.agentPresence === 'online';
      return { view, outside: { ...nothing, ...outside(id) }, known: heard || clock.machine.nowMs() - begunMs >= GRACE_MS };
    });
  let writtenAt = Number.NEGATIVE_INFINITY;
  const write = async (last: boolean) => {
    if (!observer) return;
    const gathered = observer.take();
    const due = last || clock.machine.nowMs() - writtenAt >= WATCH_MS;
    if (!due && gathered.states.length + gathered.readings.length === 0) return;
    try {
      await writer.call('history.record', { ...gathered, watchedAt: hallNow() });
      writtenAt = clock.machine.nowMs();
    } catch (error) {
      observer.putBack(gathered, MOST_UNWRITTEN);
      throw error;
    }
  };
  const retain = async () => {
    for (;;) {
      const { removed } = await writer.call('history.retain', { now: hallNow(), limit: STEP_ROWS });
      if (removed === 0) return;
    }
  };

  const spanOf = ({ from, to }: { readonly from?: number; readonly to?: number }, defaultMs: number) => {
    const end = Math.min(to ?? hallNow(), hallNow());
    const begin = from ?? end - defaultMs;
    if (begin > end || end - begin > LONGEST_SPAN_MS) {
      throw new HallError('INPUT_INVALID', { field: '/from', expected: 'a beginning before the end, 366 days at most' });
    }
    return { from: begin, to: end };
  };
  const groupOf = ({ id, agent, driver, screen }: Device, by: UptimeGroup): string => {
    const window = content().windows.find((each) => each.id === screen?.window);
    const groups = { device: id, agent, driver, hall: '', area: screen?.area ?? window?.area ?? '' };
    return groups[by];
  };

  return {
    device: (id, { metric, ...span }) => {
      if (!devicesIn(content()).get(id)) throw new HallError('NOT_FOUND', { field: '/id' });
      const { from, to } = spanOf(span, DAY_MS);
      const states = store.states(id, from, to, MOST_ROWS);
      const points = metric === undefined ? [] : store.points(id, metric, from, to, MOST_ROWS);
      const cut = points.length === MOST_ROWS || states.filter(({ at }) => at > from).length === MOST_ROWS;
      return { from, to, states, metrics: store.metrics(id), points, cut };
    },
    uptime: async ({ by = 'device', days = false, ...span }) => {
      const { from, to } = spanOf(span, 7 * DAY_MS);
      const { calendar, devices: own } = content();
      const spans = new Map<string, OpenSpan[]>();
      const rows = new Map<string, { group: string; day: string; screens: number; ms: ConditionMs }>();
      let looked = 0;
      for (const device of own) {
        if (!device.screen) continue;
        const window = device.screen.window ?? '';
        const open = spans.get(window) ?? openSpans(calendar, from, to, window === '' ? undefined : window);
        spans.set(window, open);
        const times = conditionTimes(store.conditions(device.id, from, to), open);
        const group = groupOf(device, by);
        const parts = days ? [...times] : [['', [...times.values()].reduce(added, noTime)] as const];
        for (const [day, ms] of parts) {
          const key = JSON.stringify([group, day]);
          const held = rows.get(key) ?? { group, day, screens: 0, ms: noTime };
          rows.set(key, { ...held, screens: held.screens + 1, ms: added(held.ms, ms) });
        }
        looked += 1;
        if (looked % AT_ONCE === 0) await new Promise<void>((resolve) => void setImmediate(resolve));
      }
      return [...rows.values()]
        .toSorted((a, b) => (a.day === b.day ? (a.group < b.group ? -1 : 1) : a.day < b.day ? -1 : 1))
        .map((row) => ({ ...row, uptime: uptimeOf(row.ms) }));
    },
    registerOutside: (given) => {
      outside = given;
      all();
    },
    touch,
    run: async (signal) => {
      const ids = content().devices.map(({ id }) => id);
      await writer.call('history.begin', { devices: ids }).catch((error: unknown) => log.warn({ error }, 'history not begun'));
      observer = createObserver(store.last(ids));
      changes.on('devices', touch);
      changes.on('content', all);
      all();
      let writtenMs = clock.machine.nowMs();
      let retainedMs = Number.NEGATIVE_INFINITY;
      while (!signal.aborted) {
        await clock.machine.sleep(LOOK_MS, signal).catch(() => {});
        look();
        const now = clock.machine.nowMs();
        if (now - writtenMs >= WRITE_MS || signal.aborted) {
          writtenMs = now;
          await write(signal.aborted).catch((error: unknown) => log.warn({ error }, 'history waits for the store'));
        }
        if (now - retainedMs >= RETAIN_MS && !signal.aborted) {
          retainedMs = now;
          await retain().catch((error: unknown) => log.warn({ error }, 'history not thinned'));
        }
      }
      changes.off('devices', touch);
      changes.off('content', all);
    },
  };
}
