/** Alarms as people see them. */
import type { AlarmDetail, AlarmObject, AlarmView, HallContent } from '@hall/contracts';
import { alarmRank, alarmTypes, isActive, isOpen, type AlarmRecord, type Topology } from '@hall/model';
import type { Book } from './book.ts';
import type { Evaluation } from './evaluation.ts';

/** Windows named in one alarm at most. */
const MOST_WINDOWS = 60;

export interface AlarmViewOptions {
  readonly book: Pick<Book, 'current' | 'get'>;
  readonly content: () => HallContent;
  readonly topology: () => Topology;
  readonly evaluation: Pick<Evaluation, 'standing'>;
}
export interface AlarmViews {
  /** Open ones: those that explain others and are urgent first, those put aside last. */
  list(): readonly AlarmView[];
  get(id: string): AlarmView | undefined;
  inside(id: string): Pick<AlarmDetail, 'folded' | 'dependants'>;
}

const byImportance = (a: AlarmView, b: AlarmView): number =>
  Number(a.shelved !== null) - Number(b.shelved !== null) ||
  Number(a.root !== null) - Number(b.root !== null) ||
  Number(b.active) - Number(a.active) ||
  a.priority - b.priority ||
  alarmRank(a.type) - alarmRank(b.type) ||
  a.raisedAt - b.raisedAt ||
  Number(a.id) - Number(b.id);

export function createAlarmViews({ book, content, evaluation }: AlarmViewOptions): AlarmViews {
  let named:
    | {
        readonly content: HallContent;
        readonly devices: Map<string, HallContent['devices'][number]>;
        readonly numbers: Map<string, string>;
      }
    | undefined;
  const names = () => {
    const now = content();
    if (named?.content !== now) {
      named = {
        content: now,
        devices: new Map(now.devices.map((device) => [device.id, device])),
        numbers: new Map(now.windows.map(({ id, number }) => [id, number])),
      };
    }
    return named;
  };
  const nameOf = ({ kind, id }: AlarmObject): string => {
    if (kind === 'device') return names().devices.get(id)?.name ?? id;
    return kind === 'hall' ? content().settings.zh : id;
  };
  const windowsOf = (objects: Iterable<AlarmObject>): string[] => {
    const { devices, numbers } = names();
    const found = new Set<string>();
    for (const { kind, id } of objects) {
      const window = kind === 'device' ? devices.get(id)?.screen?.window : undefined;
      if (window !== undefined) found.add(numbers.get(window) ?? window);
    }
    return [...found].toSorted((a, b) => a.localeCompare(b, 'zh-CN', { numeric: true })).slice(0, MOST_WINDOWS);
  };

  const viewOf = (record: AlarmRecord): AlarmView => {
    const { id, type, object, acknowledged, assignee, shelved } = record;
    const { rootOf, dependants, underMaintenance } = evaluation.standing;
    const below = dependants.get(id);
    const root = rootOf.get(id);
    const inventory = object.kind === 'device' ? names().devices.get(object.id)?.inventory : undefined;
    return {
      id: String(id),
      type,
      object,
      name: nameOf(object),
      priority: alarmTypes[type].priority,
      open: isOpen(record),
      active: isActive(record),
      sinceMs: Math.round(record.sinceMs),
      raisedAt: Math.round(record.raisedMs ?? record.sinceMs),
      clearedAt: record.clearedMs === null ? null : Math.round(record.clearedMs),
      count: Math.max(1, record.count),
      acknowledged: acknowledged && { by: acknowledged.by, at: acknowledged.at },
      assignee,
      shelved: shelved && { ...shelved },
      root: root === undefined ? null : String(root),
      dependants: below?.size ?? 0,
      windows: windowsOf([object, ...(below?.values() ?? [])]),
      maintenance: underMaintenance(object),
      evidence: record.evidence,
      ...(inventory?.place !== undefined && { place: inventory.place }),
      ...(inventory?.responsible !== undefined && { responsible: inventory.responsible }),
    };
  };
  const open = () => [...book.current.values()].filter(isOpen);

  return {
    list: () => open().map(viewOf).toSorted(byImportance),
    get: (id) => {
      const record = book.get(Number(id));
      return record && record.raisedMs !== null ? viewOf(record) : undefined;
    },
    inside: (id) => {
      const { rootOf, dependants } = evaluation.standing;
      return {
        folded: open()
          .filter((record) => rootOf.get(record.id) === Number(id))
          .map(viewOf)
          .toSorted(byImportance),
        dependants: [...(dependants.get(Number(id))?.values() ?? [])]
          .map((object) => ({ ...object, name: nameOf(object) }))
          .toSorted((a, b) => a.name.localeCompare(b.name, 'zh-CN', { numeric: true })),
      };
    },
  };
}
