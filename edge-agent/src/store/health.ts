/** Whether the store takes what it is given, seen from the outcome of every call. */
import type { StoreState } from '@hall/contracts';
import type { Store } from './store.ts';

export interface WatchedStore extends Store {
  readonly state: StoreState;
}

/** Reads say nothing about the disk: they come out of memory. */
const reads: ReadonlySet<string> = new Set(['outboxSpan', 'outboxRead']);

/** What a refusal says of the disk: SQLite's own words for a disk, or a quota, that is used up. */
export const stateAfter = (reason: string): StoreState => (/disk is full|no space left/i.test(reason) ? 'full' : 'failing');

export function watchStore(store: Store): WatchedStore {
  let state: StoreState = 'ok';
  return {
    get state() {
      return state;
    },
    close: () => store.close(),
    async call(name, ...args) {
      try {
        const result = await store.call(name, ...args);
        if (!reads.has(name)) state = 'ok';
        return result;
      } catch (error) {
        const { details } = error as { details?: { reason?: string } };
        if (!reads.has(name)) state = stateAfter(details?.reason ?? '');
        throw error;
      }
    },
  };
}
