/** Searches on request: one at a time, within the bounds of the request, told in batches while it goes on. */
import {
  addressesIn,
  codeOf,
  createTimer,
  FOUND_PER_MESSAGE,
  FoundDevice,
  MAX_FOUND,
  MAX_SEARCHED_ADDRESSES,
  networkAround,
  type Clock,
  type Discover,
  type Discovered,
} from '@hall/contracts';
import type { Logger } from 'pino';
import { Compile } from 'typebox/compile';
import type { DeviceFinder, OwnNetwork, PlacesInUse, SerialPortInfo } from './finder.ts';

/** What was found and how far the search is, is told this often, ms. */
const TELL_MS = 500;

export interface DiscoveryDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly epoch: string;
  readonly finders: readonly DeviceFinder[];
  networks(): readonly OwnNetwork[];
  serialPorts(): Promise<readonly SerialPortInfo[]>;
  inUse(): Promise<PlacesInUse>;
  /** What nobody hears is not said again: the server notices the silence. */
  publish(message: Discovered): Promise<unknown>;
}

export interface Discovery {
  take(order: Discover): void;
  /** Ends a running search without a word. */
  close(): Promise<void>;
}

const isFound = Compile(FoundDevice);

export function createDiscovery(deps: DiscoveryDeps): Discovery {
  let running: { readonly id: string; readonly over: AbortController; readonly ended: Promise<void> } | undefined;

  const refuse = (id: string, code: Discovered['code']) => {
    const nothing = { asked: 0, toAsk: 0, devices: [] };
    void deps.publish({ epoch: deps.epoch, id, seq: 1, state: 'failed', ...(code === undefined ? {} : { code }), ...nothing });
  };

  return {
    take(order) {
      if (running?.id === order.id) return;
      if (running) return refuse(order.id, 'SEARCH_RUNNING');
      if (deps.clock.wall.nowMs() > order.deadline) return refuse(order.id, 'SEARCH_EXPIRED');
      const over = new AbortController();
      const ended = search(order, deps, over.signal).finally(() => {
        running = undefined;
      });
      running = { id: order.id, over, ended };
    },
    async close() {
      running?.over.abort();
      await running?.ended;
    },
  };
}

/** Resolves when everything is told or the signal has come; never rejects. */
async function search(order: Discover, deps: DiscoveryDeps, closing: AbortSignal): Promise<void> {
  const { clock, log, epoch } = deps;
  const over = new AbortController();
  const signal = AbortSignal.any([closing, over.signal]);
  const ending = createTimer(clock, () => over.abort());
  ending.set(clock.machine.nowMs() + order.seconds * 1000);
  const waiting: FoundDevice[] = [];
  const met = new Set<string>();
  let [seq, asked, toAsk] = [0, 0, 0];
  let code: Discovered['code'];

  const tell = async (state: Discovered['state']) => {
    do {
      seq += 1;
      const devices = waiting.splice(0, FOUND_PER_MESSAGE);
      const goesOn = waiting.length > 0 ? 'running' : state;
      await deps.publish({
        epoch,
        id: order.id,
        seq,
        state: goesOn,
        ...(code === undefined ? {} : { code }),
        asked,
        toAsk,
        devices,
      });
    } while (waiting.length > 0 && state !== 'running');
  };
  const telling = new AbortController();
  const told = (async () => {
    for (;;) {
      await tell('running');
      await clock.machine.sleep(TELL_MS, telling.signal);
    }
  })().catch(() => {});

  const take = (device: FoundDevice) => {
    const { finder, place } = device;
    if (met.has(place)) return;
    if (!isFound.Check(device)) return log.error({ finder, place }, 'a finder tells what no schema allows');
    if (met.size >= MAX_FOUND) {
      code = 'SEARCH_FULL';
      return over.abort();
    }
    met.add(place);
    waiting.push(device);
  };

  log.info({ search: order.id, seconds: order.seconds }, 'search for devices begins');
  const chosen = deps.finders.filter(({ id }) => order.finders?.includes(id) ?? true);
  let failures = 0;
  try {
    const networks = order.ranges ? [] : deps.networks();
    const ranges = order.ranges ?? networks.flatMap(({ address }) => networkAround(address) ?? []);
    const addresses = firstOf(addressesIn(ranges), MAX_SEARCHED_ADDRESSES);
    const [serialPorts, inUse] = await Promise.all([order.ranges ? [] : deps.serialPorts(), deps.inUse()]);
    const context = {
      clock,
      log,
      addresses,
      networks,
      ...(order.ports ? { ports: order.ports } : {}),
      serialPorts,
      inUse,
      toAsk: (places: number) => {
        toAsk += places;
      },
      asked: () => {
        asked += 1;
      },
    };
    await Promise.all(
      chosen.map(async (finder) => {
        try {
          for await (const device of finder.find(context, signal)) take(device);
        } catch (error) {
          failures += 1;
          log.warn({ finder: finder.id, code: codeOf(error), err: error }, 'finder failed');
        }
      }),
    );
  } catch (error) {
    failures = chosen.length;
    log.warn({ err: error }, 'search failed');
  }
  ending.stop();
  telling.abort();
  await told;
  if (closing.aborted) return;
  const failed = failures > 0 && failures === chosen.length;
  if (failed) code = 'INTERNAL';
  await tell(failed ? 'failed' : 'done');
  log.info({ search: order.id, found: met.size, asked }, 'search for devices ended');
}

function firstOf<T>(items: Iterable<T>, most: number): readonly T[] {
  const first: T[] = [];
  for (const item of items) {
    if (first.length === most) break;
    first.push(item);
  }
  return first;
}
