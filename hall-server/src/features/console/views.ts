/** What the manager sees, put together from live fields, reports and content. No HTTP, no SQL. */
import type { Clock, DeviceView, FeedView, HallContent, HallTimeSetting, NameTable, Overview, WindowView } from '@hall/contracts';
import { devicesIn, nameTable, phaseAt } from '@hall/model';
import type { Static } from 'typebox';
import type { AgentService, DeviceService, LiveService } from '../agents/service.ts';
import type { FeedService } from '../facts/service.ts';

export interface ViewSources {
  readonly hall: string;
  readonly clock: Clock;
  /** Present in a simulation: how hall time runs. */
  readonly simulation?: HallTimeSetting;
  /** Where people reach the console, if it was configured. */
  readonly consoleUrl?: string;
  readonly content: { load(): HallContent };
  readonly live: LiveService;
  readonly devices: DeviceService;
  readonly agents: AgentService;
  readonly feed: FeedService;
  /** From the commit of a change to the confirmation of a device, ms; undefined while none is known. */
  readonly latencyOf: (device: string) => number | undefined;
}
export interface Views {
  /** Windows of the content, in its order; or only those named. */
  windows(only?: ReadonlySet<string>): WindowView[];
  queues(): Overview['queues'];
  hall(): Overview['hall'];
  feed(): Static<typeof FeedView>;
  overview(): Overview;
  /** Devices of these agents, and the windows whose strips they are. */
  ofAgents(agents: readonly string[]): { readonly devices: readonly string[]; readonly windows: readonly string[] };
  /** Windows that serve one of these services now. */
  servedAt(services: readonly string[]): readonly string[];
}

type Strip = WindowView['strips'][number];
type Named = { readonly zh: string; readonly en?: string };

const CONFIRMED = ['acknowledged', 'read_back', 'seen'];

/** Nothing is known of a device whose agent is away, whatever it said last. */
const linkOf = ({ agentPresence, reported }: DeviceView): string =>
  agentPresence === 'online' ? (reported?.link ?? 'offline') : 'unknown';

const named = (id: string, names: Readonly<Record<string, Named>>) => {
  const { zh, en } = names[id] ?? { zh: id };
  return { id, zh, ...(en !== undefined && { en }) };
};

/** What depends on the content only, kept until the content is another. */
interface Tables {
  readonly content: HallContent;
  readonly names: NameTable;
  /** Devices that show a window's own field, by window. */
  readonly strips: ReadonlyMap<string, readonly string[]>;
}

function tablesOf(content: HallContent): Tables {
  const strips = new Map<string, string[]>();
  for (const { id, screen } of content.devices) {
    if (screen?.window === undefined) continue;
    strips.set(screen.window, [...(strips.get(screen.window) ?? []), id]);
  }
  return { content, names: nameTable(content), strips };
}

export function createViews({
  hall,
  clock,
  simulation,
  consoleUrl,
  content,
  live,
  devices,
  agents,
  feed,
  latencyOf,
}: ViewSources): Views {
  let held: Tables | undefined;
  const tables = (): Tables => {
    const now = content.load();
    if (held?.content !== now) held = tablesOf(now);
    return held;
  };

  const stripOf = (device: DeviceView, key: string, liveSeq: number): Strip => {
    const screen = device.reported?.screen;
    const link = linkOf(device);
    const current = link === 'online' && liveSeq > 0 && screen?.fields[key] === liveSeq;
    const confirmedAt = screen?.confirmedAt ?? null;
    return {
      device: device.id,
      link,
      level: screen?.level ?? 'none',
      freshness: screen?.freshness ?? null,
      text: screen?.text ?? [],
      current,
      confirmedAt,
      latencyMs: (current ? latencyOf(device.id) : undefined) ?? null,
    };
  };

  const windows: Views['windows'] = (only) => {
    const { content: now, names, strips } = tables();
    const fields = live.windows();
    const queues = live.queues();
    return now.windows
      .filter(({ id }) => !only || only.has(id))
      .map(({ id, number, area, department, services }): WindowView => {
        const row = fields.get(id);
        const value = row?.field.value;
        const liveSeq = row?.field.seq ?? 0;
        const served = value?.services ?? services;
        return {
          id,
          number,
          ...(area !== undefined && { area }),
          department: named(value?.department ?? department, names.departments),
          services: served.map((service) => named(service, names.services)),
          state: value?.state ?? 'no_data',
          ticket: value?.ticket ?? null,
          callNumber: value?.callNumber ?? null,
          calledAt: value?.calledAt ?? null,
          reason: value?.reason ?? null,
          expectedReturnAt: value?.expectedReturnAt ?? null,
          staff: value?.staff === undefined ? null : (names.staff[value.staff] ?? null),
          changedAt: row?.field.sourceTime ?? null,
          liveSeq,
          waiting: served.reduce((sum, service) => sum + (queues.get(service)?.field.value.waiting ?? 0), 0),
          strips: (strips.get(id) ?? []).flatMap((device) => {
            const view = devices.get(device);
            return view ? [stripOf(view, `window/${id}`, liveSeq)] : [];
          }),
        };
      });
  };

  const queues = (): Overview['queues'] => {
    const { content: now, names } = tables();
    const fields = live.queues();
    return now.services.map(({ id }) => {
      const { id: service, ...name } = named(id, names.services);
      const value = fields.get(id)?.field.value;
      return { service, ...name, waiting: value?.waiting ?? 0, next: [...(value?.next ?? [])] };
    });
  };

  const hallView = (): Overview['hall'] => {
    const { settings, calendar } = content.load();
    const hallMs = Math.round(clock.hall.nowMs());
    const { phase, nextChangeAt } = phaseAt(calendar, hallMs);
    return {
      id: hall,
      zh: settings.zh,
      ...(settings.en !== undefined && { en: settings.en }),
      hallMs,
      speed: simulation?.speed ?? 1,
      zone: calendar.zone,
      phase,
      nextChangeAt,
      simulation: simulation !== undefined,
      ...(consoleUrl !== undefined && { consoleUrl }),
    };
  };

  /** Whether a screen was told the newest of every field it draws, and has answered. */
  const confirmed = (device: DeviceView): boolean => {
    const screen = device.reported?.screen;
    if (!screen || linkOf(device) !== 'online' || device.difference.length > 0 || !CONFIRMED.includes(screen.level)) return false;
    return Object.entries(screen.fields).every(([key, seq]) => {
      const [kind, id = ''] = key.split('/');
      const row = kind === 'window' ? live.windows().get(id) : live.queues().get(id);
      return row === undefined || row.field.seq === seq;
    });
  };

  return {
    windows,
    queues,
    ofAgents: (ids) => {
      const all = devicesIn(content.load());
      const own = ids.flatMap((id) => all.of(id));
      return { devices: own.map(({ id }) => id), windows: own.flatMap(({ screen }) => screen?.window ?? []) };
    },
    servedAt: (ids) => {
      const fields = live.windows();
      return content
        .load()
        .windows.filter(({ id, services }) => (fields.get(id)?.field.value.services ?? services).some((one) => ids.includes(one)))
        .map(({ id }) => id);
    },
    hall: hallView,
    feed: () => feed.view(),
    overview: () => {
      const screens = new Set(content.load().devices.flatMap(({ id, screen }) => (screen ? [id] : [])));
      const all = agents.list();
      return {
        hall: hallView(),
        feed: feed.view(),
        windows: windows(),
        queues: queues(),
        agents: all.length,
        agentsOnline: all.filter(({ presence }) => presence === 'online').length,
        screens: screens.size,
        screensConfirmed: devices.list().filter((device) => screens.has(device.id) && confirmed(device)).length,
      };
    },
  };
}
