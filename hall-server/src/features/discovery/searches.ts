/** The newest search of each agent, in memory: what is found is stored, how it was found need not be. */
import { MAX_FOUND, SEARCH_GRACE_MS, type Discovered, type SearchView } from '@hall/contracts';

export interface Searches {
  start(search: Pick<SearchView, 'id' | 'agent' | 'by' | 'startedAt' | 'endsAt'>): void;
  /** Whether the message is news of a search that is going on. */
  take(agent: string, message: Discovered, nowMs: number): boolean;
  /** What the message told is stored: only now the search may be seen to have ended. */
  settle(agent: string, message: Discovered): void;
  isRunning(agent: string, nowMs: number): boolean;
  /** By agent; one that fell silent has failed. */
  list(nowMs: number): SearchView[];
}

/** `ended`: the agent has said its last word, whatever of it is stored. */
type Search = SearchView & { readonly seq: number; readonly ended: boolean };

export function createSearches(): Searches {
  const searches = new Map<string, Search>();
  const now = (search: Search, nowMs: number): Search =>
    search.state === 'running' && nowMs > search.endsAt + SEARCH_GRACE_MS
      ? { ...search, state: 'failed', code: 'SEARCH_SILENT', ended: true }
      : search;
  return {
    start: (search) =>
      void searches.set(search.agent, {
        ...search,
        seq: 0,
        ended: false,
        state: 'running',
        code: null,
        asked: 0,
        toAsk: 0,
        found: 0,
      }),
    take(agent, { id, seq, state, asked, toAsk, devices }, nowMs) {
      const held = searches.get(agent);
      if (held?.id !== id || now(held, nowMs).ended || seq <= held.seq) return false;
      const found = held.found + devices.length;
      if (found > MAX_FOUND) return false;
      searches.set(agent, { ...held, seq, ended: state !== 'running', asked, toAsk, found });
      return true;
    },
    settle(agent, { id, state, code = null }) {
      const held = searches.get(agent);
      if (held?.id === id && held.state === 'running') searches.set(agent, { ...held, state, code });
    },
    isRunning(agent, nowMs) {
      const held = searches.get(agent);
      return held !== undefined && now(held, nowMs).state === 'running';
    },
    list: (nowMs) =>
      [...searches.values()]
        .map((search) => now(search, nowMs))
        .map(({ seq: _seq, ended: _ended, ...view }) => view)
        .toSorted((one, other) => (one.agent < other.agent ? -1 : 1)),
  };
}
