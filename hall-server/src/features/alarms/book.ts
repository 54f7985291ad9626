/** The alarms that live, in memory and in the store. What changes is saved in the order in which it changed. */
import type { AlarmHappening } from '@hall/contracts';
import { alarmKey, type AlarmRecord } from '@hall/model';
import type { Writer } from '../../platform/store/writer.ts';
import type { Asker } from '../audit/chain.ts';
import { rowOf, type AlarmRow, type NewAlarmEvent } from './rows.ts';
import type { AlarmStore } from './store.ts';

export interface BookOptions {
  readonly store: Pick<AlarmStore, 'current' | 'get' | 'newestId'>;
  readonly writer: Pick<Writer, 'call'>;
  readonly nowMs: () => number;
  readonly hallMs: () => number;
}

interface Happening {
  readonly what: AlarmHappening;
  readonly person: string;
  readonly text: string;
}

export interface Book {
  /** Those that live, by type and object. */
  readonly current: ReadonlyMap<string, AlarmRecord>;
  /** Also one that is history. */
  get(id: number): AlarmRecord | undefined;
  /** A number that was never used. */
  nextId(): number;
  /** Puts a record in its place; without `save` only in memory. */
  put(record: AlarmRecord, save: boolean): void;
  /** It lives no more: becomes history, or was never raised and is forgotten. */
  close(record: AlarmRecord): void;
  note(alarm: number, happening: Happening): void;
  /** What a person did: saved at once with its audit row; undone in memory if that fails. @throws HallError of the store. */
  act(record: AlarmRecord, happening: Happening, asker: Asker, details: Readonly<Record<string, unknown>>): Promise<void>;
  /** Saves what is unsaved; what cannot be saved stays for the next time. */
  flush(): Promise<void>;
}

export function createBook({ store, writer, nowMs, hallMs }: BookOptions): Book {
  const current = new Map(store.current().map((record) => [alarmKey(record.type, record.object), record]));
  const numbers = new Map([...current].map(([key, { id }]) => [id, key]));
  /** Records that ended of late and may not be saved yet. */
  const ended = new Map<number, AlarmRecord>();
  let lastId = store.newestId();
  let rows = new Map<number, AlarmRow>();
  let drop = new Set<number>();
  let events: NewAlarmEvent[] = [];
  /** One save after the other, or an older one that failed could come after a newer one. */
  let saving: Promise<void> = Promise.resolve();

  const set = (record: AlarmRecord) => {
    const key = alarmKey(record.type, record.object);
    current.set(key, record);
    numbers.set(record.id, key);
  };
  const get = (id: number): AlarmRecord | undefined => {
    const key = numbers.get(id);
    return (key === undefined ? undefined : current.get(key)) ?? ended.get(id) ?? store.get(id);
  };
  const eventOf = (alarm: number, { what, person, text }: Happening): NewAlarmEvent => ({
    alarm,
    at: nowMs(),
    hallAt: hallMs(),
    what,
    person,
    text,
  });

  const save = async (): Promise<void> => {
    if (rows.size + drop.size + events.length === 0) return;
    const taken = { rows, drop, events };
    rows = new Map();
    drop = new Set();
    events = [];
    try {
      await writer.call('alarms.save', { rows: [...taken.rows.values()], drop: [...taken.drop], events: taken.events });
      for (const [id, { current: lives }] of taken.rows) if (lives === 0) ended.delete(id);
    } catch (error) {
      rows = new Map([...taken.rows, ...rows]);
      drop = new Set([...taken.drop, ...drop]);
      events = [...taken.events, ...events];
      throw error;
    }
  };
  const flush = (): Promise<void> => {
    saving = saving.catch(() => {}).then(save);
    return saving;
  };

  return {
    current,
    get,
    nextId: () => (lastId += 1),
    put: (record, keep) => {
      set(record);
      if (keep) rows.set(record.id, rowOf(record, true));
    },
    close: (record) => {
      const key = alarmKey(record.type, record.object);
      numbers.delete(record.id);
      if (current.get(key)?.id === record.id) current.delete(key);
      if (record.raisedMs === null) {
        rows.delete(record.id);
        drop.add(record.id);
        return;
      }
      ended.set(record.id, record);
      rows.set(record.id, rowOf(record, false));
    },
    note: (alarm, happening) => void events.push(eventOf(alarm, happening)),
    act: async (record, happening, asker, details) => {
      const lives = numbers.has(record.id);
      const before = get(record.id);
      // Before anything waits: an evaluation in between must build on it.
      if (lives) set(record);
      try {
        await flush();
        const now = get(record.id) ?? record;
        const row = rowOf(now, lives && numbers.has(record.id));
        await writer.call('alarms.act', { ...asker, row, event: eventOf(record.id, happening), details });
      } catch (error) {
        const held = get(record.id);
        if (before && held && numbers.has(record.id)) {
          const { acknowledged, assignee, shelved } = before;
          const undone = { ...held, acknowledged, assignee, shelved };
          set(undone);
          // An evaluation in between may have saved what did not happen.
          rows.set(record.id, rowOf(undone, true));
        }
        throw error;
      }
    },
    flush,
  };
}
