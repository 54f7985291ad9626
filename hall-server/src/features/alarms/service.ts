/** Alarms: looked at once a second, changed by people, remembered over restarts. */
import {
  HallError,
  type AlarmDetail,
  type AlarmEvent,
  type AlarmHappening,
  type AlarmObject,
  type AlarmReport,
  type AlarmView,
  type Clock,
  type HallContent,
  type MaintenanceRequest,
  type MaintenanceWindow,
} from '@hall/contracts';
import { actOn, alarmReport, alarmTypes, topologyOf, type AlarmAct, type AlarmText, type Topology } from '@hall/model';
import type { Logger } from 'pino';
import type { HallChanges } from '../../platform/changes.ts';
import type { Writer } from '../../platform/store/writer.ts';
import type { Asker } from '../audit/chain.ts';
import { createBook } from './book.ts';
import { sourceByType, type ConditionSource } from './conditions.ts';
import { createEvaluation } from './evaluation.ts';
import type { AlarmStore } from './store.ts';
import { createAlarmViews } from './views.ts';

/** How often everything is looked at, ms of machine time. */
const TICK_MS = 1000;
const DAY_MS = 86_400_000;
/** Alarms and their lives are kept so long. */
const KEPT_DAYS = 366;
const RETAIN_ROWS = 500;

/** Something for people to hear: the alarm with its texts. */
export interface AlarmNews {
  readonly what: Exclude<AlarmHappening, 'commented' | 'lapsed'>;
  readonly alarm: AlarmView;
  readonly title: AlarmText;
  readonly seen: AlarmText;
  readonly firstStep: AlarmText;
  /** Sign-in name; `system` for the server itself. */
  readonly by: string;
}

export interface AlarmService {
  /** Open alarms; what explains most and is most urgent comes first. */
  list(): readonly AlarmView[];
  /** As it is now, also when it is closed. */
  get(id: string): AlarmView | undefined;
  /** @throws HallError NOT_FOUND. */
  detail(id: string): AlarmDetail;
  /** What happened to all alarms, newest first. */
  history(query: { readonly before?: number; readonly limit: number }): readonly AlarmEvent[];
  /** @throws HallError NOT_FOUND, CONFLICT for an alarm that is closed, INPUT_INVALID for a time its type does not allow. */
  act(id: string, act: AlarmAct, asker: Asker): Promise<AlarmView>;
  windows(): readonly MaintenanceWindow[];
  /** Whether a window lies over an object now. When that changes for a device, it counts among the changed devices. */
  underMaintenance(object: AlarmObject): boolean;
  /** Adds a window, or replaces one. @throws HallError NOT_FOUND, INPUT_INVALID. */
  putWindow(window: MaintenanceRequest, asker: Asker, id?: string): Promise<MaintenanceWindow>;
  /** @throws HallError NOT_FOUND. */
  removeWindow(id: string, asker: Asker): Promise<void>;
  report(days: number): AlarmReport;
  /** Called after each thing that people should hear of; what hangs on another alarm is not told. Answers how to stop. */
  onAlarmNews(listener: (news: AlarmNews) => void): () => void;
  /** A further source of conditions. @throws Error if another one raises one of its types. */
  add(source: ConditionSource): void;
  /** Looks at everything once. */
  evaluate(): Promise<void>;
  /** Every second until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

export interface AlarmOptions {
  readonly hall: string;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'warn'>;
  readonly store: AlarmStore;
  readonly writer: Pick<Writer, 'call'>;
  readonly changes: HallChanges;
  readonly content: () => HallContent;
  readonly sources: readonly ConditionSource[];
}

export function createAlarmService(options: AlarmOptions): AlarmService {
  const { hall, clock, log, store, writer, changes, content } = options;
  const sources = [...options.sources];
  sourceByType(sources);
  const startMs = { wall: clock.wall.nowMs(), machine: clock.machine.nowMs() };
  /** The wall clock at the start and machine time since: no step of the clock shortens or lengthens a delay. */
  const nowMs = () => Math.round(startMs.wall + clock.machine.nowMs() - startMs.machine);
  const hallMs = () => clock.hall.nowMs();

  let placed: { readonly content: HallContent; readonly topology: Topology } | undefined;
  const topology = (): Topology => {
    const now = content();
    if (placed?.content !== now) placed = { content: now, topology: topologyOf(hall, now) };
    return placed.topology;
  };

  const book = createBook({ store, writer, nowMs, hallMs });
  let windows = store.windows();
  const evaluation = createEvaluation({ hall, book, sources, topology, content, windows: () => windows, nowMs, hallMs });
  const views = createAlarmViews({ book, content, topology, evaluation });
  const listeners = new Set<(news: AlarmNews) => void>();
  /** What consoles were told last, by alarm. */
  const told = new Map<string, string>();

  const tell = (): void => {
    const open = new Map(views.list().map((view) => [view.id, view]));
    const changed: string[] = [];
    for (const [id, view] of open) {
      const text = JSON.stringify(view);
      if (told.get(id) === text) continue;
      told.set(id, text);
      changed.push(id);
    }
    for (const id of told.keys()) {
      if (open.has(id)) continue;
      told.delete(id);
      changed.push(id);
    }
    if (changed.length > 0) changes.emit('alarms', changed);
  };
  let maintained: ReadonlySet<string> = new Set();
  /** Maintenance begins and ends by the clock: whoever looks at devices hears of it as of any other change. */
  const tellMaintenance = (): void => {
    if (windows.length === 0 && maintained.size === 0) return;
    const { underMaintenance } = evaluation.standing;
    const now = new Set(content().devices.flatMap(({ id }) => (underMaintenance({ kind: 'device', id }) ? [id] : [])));
    const changed = [...now, ...maintained].filter((id) => now.has(id) !== maintained.has(id));
    maintained = now;
    if (changed.length > 0) changes.emit('devices', changed);
  };
  const announce = (what: AlarmHappening, id: number, by: string): void => {
    if (what === 'commented' || what === 'lapsed') return;
    const alarm = views.get(String(id));
    // What is put aside or explained by another alarm is no news when it comes and goes.
    if (!alarm || ((what === 'raised' || what === 'cleared') && (alarm.shelved ?? alarm.root) !== null)) return;
    const { title, seen, firstStep } = alarmTypes[alarm.type];
    for (const listener of listeners) {
      try {
        listener({ what, alarm, title, seen, firstStep, by });
      } catch (error) {
        log.warn({ error }, 'a listener to alarms failed');
      }
    }
  };

  const evaluate = async (): Promise<void> => {
    const happened = evaluation.look();
    tell();
    tellMaintenance();
    for (const { what, alarm } of happened) announce(what, alarm, 'system');
    await book.flush().catch((error: unknown) => log.warn({ error }, 'alarms could not be saved; tried again'));
  };
  const numberOf = (id: string): number => {
    const number = Number(id);
    if (!Number.isSafeInteger(number)) throw new HallError('NOT_FOUND', { field: '/id' });
    return number;
  };
  const viewOf = (id: string): AlarmView => {
    const view = views.get(id);
    if (!view) throw new HallError('NOT_FOUND', { field: '/id' });
    return view;
  };
  const reread = () => {
    windows = store.windows();
    evaluation.refresh();
    tell();
    tellMaintenance();
  };

  return {
    list: views.list,
    get: views.get,
    detail: (id) => ({ alarm: viewOf(id), ...views.inside(id), events: store.eventsOf(numberOf(id)) }),
    history: ({ before = Number.MAX_SAFE_INTEGER, limit }) => store.events({ before, limit }),
    async act(id, act, asker) {
      const held = book.get(numberOf(id));
      if (!held) throw new HallError('NOT_FOUND', { field: '/id' });
      const acted = actOn(held, act, asker.by, nowMs());
      if ('refused' in acted) {
        if (acted.refused === 'closed') throw new HallError('CONFLICT', { expected: 'an open alarm' });
        throw new HallError('INPUT_INVALID', { field: '/minutes', expected: `at most ${acted.hours * 60}` });
      }
      const { happened, record, text } = acted;
      if (happened !== undefined) {
        const details = act.act === 'shelve' ? { minutes: act.minutes, reason: text } : text === '' ? {} : { text };
        await book.act(record, { what: happened, person: asker.by, text }, asker, details);
        evaluation.refresh();
        tell();
        announce(happened, record.id, asker.by);
      }
      return viewOf(id);
    },
    windows: () => windows,
    underMaintenance: (object) => evaluation.standing.underMaintenance(object),
    async putWindow(window, asker, id) {
      if (window.until <= window.from) throw new HallError('INPUT_INVALID', { field: '/until', expected: 'later than from' });
      const number = id === undefined ? {} : { id: numberOf(id) };
      const { id: stored } = await writer.call('alarms.putMaintenance', { ...asker, ...number, window });
      reread();
      return { ...window, id: String(stored), person: asker.by };
    },
    async removeWindow(id, asker) {
      await writer.call('alarms.removeMaintenance', { ...asker, id: numberOf(id) });
      reread();
    },
    report: (days) => {
      const since = nowMs() - days * DAY_MS;
      return alarmReport({
        alarms: store.alarmsSince(since),
        raises: store.raisesSince(since),
        zone: content().calendar.zone,
        fromMs: Math.round(hallMs() - days * DAY_MS),
        untilMs: Math.round(hallMs()),
        nowMs: nowMs(),
      });
    },
    onAlarmNews: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    add: (source) => {
      sourceByType([...sources, source]);
      sources.push(source);
    },
    evaluate,
    run: async (signal) => {
      let retainedMs = Number.NEGATIVE_INFINITY;
      while (!signal.aborted) {
        await evaluate();
        if (nowMs() - retainedMs >= DAY_MS) {
          retainedMs = nowMs();
          const before = nowMs() - KEPT_DAYS * DAY_MS;
          await retain(writer, before).catch((error: unknown) => log.warn({ error }, 'old alarms could not be removed'));
        }
        await clock.machine.sleep(TICK_MS, signal).catch(() => {});
      }
      await book.flush().catch(() => {});
    },
  };
}

async function retain(writer: Pick<Writer, 'call'>, before: number): Promise<void> {
  for (;;) {
    const { removed } = await writer.call('alarms.retain', { before, limit: RETAIN_ROWS });
    if (removed < RETAIN_ROWS) return;
  }
}
