/** The newest search of each agent, in memory: what is found is stored, how it was found need not be. */
import { MAX_FOUND, SEARCH_GRACE_MS, type Discovered, type SearchView } from '@hall/contracts';

export interface Searches {
  start(search: Pick<SearchView, 'id' | 'agent' | 'by' | 'startedAt' | 'endsAt'>): void;
  /** Whether the message is news of a search that is going on. */
  take(agent: string, message: Discovered, nowMs: number): boolean;
  isRunning(agent: string, nowMs: number): boolean;
  /** By agent; one that fell silent has failed. */
  list(nowMs: number): SearchView[];
}

export function createSearches(): Searches {
  const searches = new Map<string, SearchView & { readonly seq: number }>();
  const now = (search: SearchView & { readonly seq: number }, nowMs: number): SearchView & { readonly seq: number } =>
    search.state === 'running' && nowMs > search.endsAt + SEARCH_GRACE_MS
      ? { ...search, state: 'failed', code: 'SEARCH_SILENT' }
      : search;
  return {
    start: (search) =>
      void searches.set(search.agent, { ...search, seq: 0, state: 'running', code: null, asked: 0, toAsk: 0, found: 0 }),
    take(agent, { id, seq, state, code = null, asked, toAsk, devices }, nowMs) {
      const held = searches.get(agent);
      if (held?.id !== id || now(held, nowMs).state !== 'running' || seq <= held.seq) return false;
      const found = held.found + devices.length;
      if (found > MAX_FOUND) return false;
      searches.set(agent, { ...held, seq, state, code, asked, toAsk, found });
      return true;
    },
    isRunning(agent, nowMs) {
      const held = searches.get(agent);
      return held !== undefined && now(held, nowMs).state === 'running';
    },
    list: (nowMs) =>
      [...searches.values()]
        .map((search) => now(search, nowMs))
        .map(({ seq: _seq, ...view }) => view)
        .toSorted((one, other) => (one.agent < other.agent ? -1 : 1)),
  };
}
