/** The current live fields of the hall, as committed; kept beside the store so that every reader shares them. */
import type { LiveField, QueueLive, WindowLive } from '@hall/contracts';
import type { LiveRow, LiveService } from './service.ts';
import type { AgentStore } from './store.ts';

export interface LiveFields extends LiveService {
  /** Takes committed changes. */
  take(fields: readonly LiveField[], changedAt: number): void;
  /** Fields of these keys that exist. */
  of(keys: Iterable<string>): LiveField[];
  get(key: string): LiveField | undefined;
  /** Reads everything again from the store: fields may have been removed with their window. */
  reload(): void;
}

export function createLiveFields(store: Pick<AgentStore, 'live'>): LiveFields {
  const fields = new Map<string, LiveField>();
  const windows = new Map<string, LiveRow<WindowLive>>();
  const queues = new Map<string, LiveRow<QueueLive>>();
  const put = (field: LiveField, changedAt: number): void => {
    fields.set(field.key, field);
    const { value } = field;
    if (value.kind === 'window') windows.set(value.window, { field: { ...field, value }, changedAt });
    else queues.set(value.service, { field: { ...field, value }, changedAt });
  };
  const reload = (): void => {
    fields.clear();
    windows.clear();
    queues.clear();
    for (const { key, seq, source_time: sourceTime, changed_at, cause, value } of store.live()) {
      const field = { key, seq, sourceTime, ...(cause !== null && { cause }), value: JSON.parse(value) as LiveField['value'] };
      put(field, changed_at);
    }
  };
  reload();
  return {
    windows: () => windows,
    queues: () => queues,
    take: (changed, changedAt) => {
      for (const field of changed) put(field, changedAt);
    },
    of: (keys) => {
      const found: LiveField[] = [];
      for (const key of keys) {
        const field = fields.get(key);
        if (field) found.push(field);
      }
      return found;
    },
    get: (key) => fields.get(key),
    reload,
  };
}
