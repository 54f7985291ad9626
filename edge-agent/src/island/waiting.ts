/** The waiting tickets dealt to this agent: on disk as soon as they are heard, so that a restart without a server has them too. */
import type { Clock, WaitingList, WaitingMessage } from '@hall/contracts';
import type { Logger } from 'pino';
import type { OutboxLimits } from '../outbox/limits.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { Store } from '../store/store.ts';
import { createTurns } from '../turns.ts';
import type { Deal, IslandMemory } from './sql.ts';

export interface Waiting {
  readonly deal: Deal;
  readonly lists: ReadonlyMap<string, WaitingList>;
  take(message: WaitingMessage): void;
  /** The ticket was called: it waits no longer, although a list may still name it. */
  strike(ticket: string): void;
  /** Resolves when everything taken so far is on disk or was refused. */
  settled(): Promise<void>;
}

export interface WaitingOptions {
  readonly memory: Pick<IslandMemory, 'deal' | 'lists'>;
  readonly store: Store;
  readonly outbox: Pick<Outbox, 'committed'>;
  readonly limits: OutboxLimits;
  readonly hallTime: Clock['hall'];
}

/** More calls than a hall makes between two lists. */
const MOST_STRUCK = 10_000;

/** A new rota is confirmed to the server by a record that is committed with the lists dealt by it. */
export function createWaiting({ memory, store, outbox, limits, hallTime }: WaitingOptions, log: Logger): Waiting {
  let { deal } = memory;
  let lists = new Map(memory.lists.map((list) => [list.service, list]));
  const inTurn = createTurns();
  /** Called since the lists were made, as far as live fields have told. */
  const struck = new Set<string>();

  function take({ gen, rota, windows, full, lists: given }: WaitingMessage): void {
    const renewed = gen !== deal.gen || rota !== deal.rota;
    const before = lists;
    deal = { gen, rota, windows };
    // By another rota somebody else may hold what an old list says.
    lists = new Map(full || renewed ? [] : before);
    if (full || renewed) struck.clear();
    for (const list of given) {
      lists.set(list.service, list);
      for (const { ticket } of list.tickets) struck.delete(ticket);
    }
    const gone = [...before.keys()].filter((service) => !lists.has(service));
    const at = hallTime.nowMs();
    const records = renewed ? [{ type: 'island.deal' as const, at, data: { gen, rota } }] : [];
    const write = { deal, lists: given, gone, records, limits };
    inTurn(async () => outbox.committed(await store.call('saveWaiting', write))).catch((error: unknown) =>
      log.error({ err: error }, 'waiting tickets could not be stored'),
    );
  }

  return {
    get deal() {
      return deal;
    },
    get lists() {
      if (struck.size === 0) return lists;
      return new Map(
        [...lists].map(([service, list]) => [
          service,
          { ...list, tickets: list.tickets.filter(({ ticket }) => !struck.has(ticket)) },
        ]),
      );
    },
    take,
    strike(ticket) {
      if (struck.size < MOST_STRUCK) struck.add(ticket);
    },
    settled: () => inTurn(async () => {}),
  };
}
