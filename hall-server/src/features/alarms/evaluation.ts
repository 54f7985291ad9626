/** One look at everything: what holds now, what stands in the way of an alarm, and what becomes of each. */
import type { AlarmHappening, AlarmObject, AlarmTypeId, HallContent, MaintenanceWindow } from '@hall/contracts';
import {
  alarmKey,
  alarmTypes,
  createFolding,
  maintenanceAt,
  objectKey,
  phaseAt,
  stepAlarm,
  type AlarmRecord,
  type Hold,
  type Seen,
  type Topology,
} from '@hall/model';
import type { Book } from './book.ts';
import type { Condition, ConditionSource } from './conditions.ts';

export interface EvaluationOptions {
  readonly hall: string;
  readonly book: Book;
  /** May grow. */
  readonly sources: readonly ConditionSource[];
  readonly topology: () => Topology;
  readonly content: () => HallContent;
  readonly windows: () => readonly MaintenanceWindow[];
  readonly nowMs: () => number;
  readonly hallMs: () => number;
}

/** How the living alarms hang together now. */
export interface Standing {
  /** Number of the raised alarm that explains this one. */
  readonly rootOf: ReadonlyMap<number, number>;
  /** What is down with an alarm, by its number. */
  readonly dependants: ReadonlyMap<number, ReadonlyMap<string, AlarmObject>>;
  readonly underMaintenance: (object: AlarmObject) => boolean;
}

export interface Evaluation {
  /** Looks, moves every alarm on, and answers what happened to which. */
  look(): readonly { readonly what: AlarmHappening; readonly alarm: number }[];
  /** Alarms or windows were changed by hand. */
  refresh(): void;
  readonly standing: Standing;
}

/** How an object below a lost one is asked for: by the alarm that it would have. */
const lostAs: Readonly<Record<AlarmObject['kind'], AlarmTypeId | undefined>> = {
  device: 'device_offline',
  agent: 'agent_lost',
  switch: undefined,
  platform: undefined,
  hall: undefined,
};

export function createEvaluation(options: EvaluationOptions): Evaluation {
  const { book, sources, topology, content, windows, nowMs, hallMs } = options;
  /** Keys of pending alarms that were held back at the last look. */
  let held = new Set<string>();
  let unknown: readonly AlarmObject[] = [];
  let standing: Standing = { rootOf: new Map(), dependants: new Map(), underMaintenance: () => false };

  const refresh = (): void => {
    const { rootOf: find } = createFolding(topology(), book.current.values());
    const rootOf = new Map<number, number>();
    const dependants = new Map<number, Map<string, AlarmObject>>();
    const depends = (root: AlarmRecord, object: AlarmObject) => {
      if (lostAs[object.kind] === undefined || objectKey(object) === objectKey(root.object)) return;
      const list = dependants.get(root.id) ?? new Map<string, AlarmObject>();
      dependants.set(root.id, list.set(objectKey(object), object));
    };
    for (const record of book.current.values()) {
      if (record.phase === 'quiet') continue;
      const fold = find(record.type, record.object);
      if (fold?.hold !== 'suppress') continue;
      rootOf.set(record.id, fold.root.id);
      depends(fold.root, record.object);
    }
    for (const object of unknown) {
      const type = lostAs[object.kind];
      const fold = type && find(type, object);
      if (fold?.hold === 'suppress') depends(fold.root, object);
    }
    standing = { rootOf, dependants, underMaintenance: maintenanceAt(windows(), topology(), hallMs()) };
  };

  const look: Evaluation['look'] = () => {
    const now = nowMs();
    const holding = new Map<string, Condition>();
    const unknownTo = new Map<AlarmTypeId, ReadonlySet<string>>();
    const unknownNow: AlarmObject[] = [];
    for (const source of sources) {
      for (const condition of source.look(now)) holding.set(alarmKey(condition.type, condition.object), condition);
      const objects = source.unknown?.() ?? [];
      if (objects.length === 0) continue;
      unknownNow.push(...objects);
      const keys = new Set(objects.map(objectKey));
      for (const type of source.raises) unknownTo.set(type, keys);
    }
    unknown = unknownNow;

    const seenOf = (key: string, type: AlarmTypeId, object: AlarmObject): Seen => {
      if (unknownTo.get(type)?.has(objectKey(object))) return { is: 'unknown' };
      const condition = holding.get(key);
      if (!condition) return { is: 'gone' };
      const { sinceMs, evidence } = condition;
      return { is: 'holds', ...(sinceMs !== undefined && { sinceMs }), ...(evidence && { evidence }) };
    };
    const concerned = new Map<string, Pick<AlarmRecord, 'type' | 'object'>>([...holding, ...book.current]);
    const happened: Array<{ what: AlarmHappening; alarm: number }> = [];
    const move = (key: string, { type, object }: Pick<AlarmRecord, 'type' | 'object'>, hold: Hold) => {
      const before = book.current.get(key);
      const seen = seenOf(key, type, object);
      const fresh = () => ({ id: book.nextId(), type, object });
      const stepped = stepAlarm({ record: before, seen, hold, rule: alarmTypes[type], nowMs: now, fresh });
      const { record, before: over } = stepped;
      if (over) book.close(over);
      else if (before && !record) book.close(before);
      if (record && record !== before) {
        const told = stepped.happened.length > 0 || record.phase !== before?.phase || record.shelved !== before.shelved;
        book.put(record, told || (held.has(key) && hold !== 'suppress'));
      } else if (record && held.has(key) && hold !== 'suppress') book.put(record, true);
      for (const what of stepped.happened) {
        const alarm = (record ?? over ?? before)?.id ?? 0;
        book.note(alarm, { what, person: 'system', text: '' });
        happened.push({ what, alarm });
      }
    };

    // First everything but raising, so that what explains others is known whatever the order.
    for (const [key, one] of concerned) move(key, one, 'wait');
    const { rootOf } = createFolding(topology(), book.current.values());
    const closed = phaseAt(content().calendar, hallMs()).phase === 'closed';
    const underMaintenance = maintenanceAt(windows(), topology(), hallMs());
    const heldNow = new Set<string>();
    for (const [key, one] of concerned) {
      const record = book.current.get(key);
      if (record?.phase !== 'pending') continue;
      const { type, object } = one;
      const quietHours = closed && alarmTypes[type].openHoursOnly;
      const hold = quietHours || underMaintenance(object) ? 'suppress' : (rootOf(type, object)?.hold ?? 'none');
      if (hold === 'suppress') heldNow.add(key);
      move(key, one, hold);
    }
    held = heldNow;
    refresh();
    return happened;
  };

  return {
    look,
    refresh,
    get standing() {
      return standing;
    },
  };
}
