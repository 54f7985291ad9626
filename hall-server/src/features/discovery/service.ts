/** Searching for devices, and what becomes of what was found. Knows no HTTP and no SQL text. */
import { randomUUID } from 'node:crypto';
import {
  FOUND_KEPT_DAYS,
  HallError,
  MAX_SEARCHED_ADDRESSES,
  sizeOfRange,
  type AdoptRequest,
  type Adoption,
  type Clock,
  type Discover,
  type Discovered,
  type DiscoveryView,
  type HallContent,
  type SearchRequest,
} from '@hall/contracts';
import { checkContent } from '@hall/model';
import type { Logger } from 'pino';
import type { TSchema } from 'typebox';
import type { Writer } from '../../platform/store/writer.ts';
import type { AgentService, DeviceService } from '../agents/service.ts';
import type { Asker } from '../audit/chain.ts';
import { propose } from './proposal.ts';
import { deviceAt, type SchemaOf } from './same-place.ts';
import { createSearches } from './searches.ts';
import type { FoundStore } from './store.ts';

const DAY_MS = 86_400_000;
const DEFAULT_SECONDS = 20;
/** An agent whose wall clock is a little off still begins. */
const BEGIN_WITHIN_MS = 30_000;

export interface DiscoveryOptions {
  readonly hall: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly store: FoundStore;
  readonly writer: Pick<Writer, 'call'>;
  readonly content: { load(): HallContent; version(): number };
  readonly agents: Pick<AgentService, 'list'>;
  readonly devices: Pick<DeviceService, 'get'>;
  /** Whether the epoch is the living session of the agent. */
  readonly speaks: (agent: string, epoch: string) => boolean;
  readonly send: (agent: string, order: Discover) => void;
}

export interface DiscoveryService {
  view(): DiscoveryView;
  /** @throws HallError AGENT_UNKNOWN, AGENT_OFFLINE, SEARCH_RUNNING, INPUT_INVALID for ranges that may not be searched. */
  search(request: SearchRequest, asker: Asker): Promise<DiscoveryView>;
  /** @throws HallError NOT_FOUND. */
  ignore(id: number, ignored: boolean, asker: Asker): Promise<void>;
  /** @throws HallError NOT_FOUND, ADOPTION_REFUSED with the conflicts, CONFLICT, CONTENT_INVALID. */
  adopt(id: number, request: AdoptRequest, asker: Asker): Promise<Adoption>;
  /** What an agent has found. */
  discovered(agent: string, message: Discovered): void;
}

/** Private addresses only, and not too many: a hall server is no tool to search other people's networks. */
function checkRanges(ranges: SearchRequest['ranges']): void {
  let addresses = 0;
  for (const [at, range] of (ranges ?? []).entries()) {
    const size = sizeOfRange(range);
    if (size === undefined)
      throw new HallError('INPUT_INVALID', { field: `/ranges/${at}`, expected: 'two private IPv4 addresses, from ≤ to' });
    addresses += size;
  }
  if (addresses > MAX_SEARCHED_ADDRESSES)
    throw new HallError('INPUT_INVALID', { field: '/ranges', expected: `at most ${MAX_SEARCHED_ADDRESSES} addresses` });
}

export function createDiscoveryService(options: DiscoveryOptions): DiscoveryService {
  const { hall, clock, log, store, writer, content, agents, devices, speaks, send } = options;
  const { wall } = clock;
  const searches = createSearches();
  let settled: Promise<unknown> = Promise.resolve();
  const keptSince = () => wall.nowMs() - FOUND_KEPT_DAYS * DAY_MS;
  const schemas = (): SchemaOf => {
    const held = agents.list();
    return (agent, driver) => {
      const announced = held.find(({ id }) => id === agent)?.drivers.find(({ id }) => id === driver);
      return announced?.settings as TSchema | undefined;
    };
  };
  const view = (): DiscoveryView => {
    const schemaOf = schemas();
    const { devices: own } = content.load();
    return {
      searches: searches.list(wall.nowMs()),
      found: store.since(keptSince()).map(({ id, agent, found, firstSeenAt, lastSeenAt, ignored }) => ({
        id,
        agent,
        found,
        firstSeenAt,
        lastSeenAt,
        ignored,
        device: deviceAt(found, agent, own, schemaOf)?.id ?? null,
      })),
    };
  };

  return {
    view,
    async search({ agents: asked, seconds = DEFAULT_SECONDS, ranges, ports }, asker) {
      checkRanges(ranges);
      const known = agents.list();
      const now = wall.nowMs();
      for (const id of asked) {
        const agent = known.find((one) => one.id === id);
        if (!agent) throw new HallError('AGENT_UNKNOWN', { field: '/agents', agent: id });
        if (agent.presence !== 'online') throw new HallError('AGENT_OFFLINE', { field: '/agents', agent: id });
        if (searches.isRunning(id, now)) throw new HallError('SEARCH_RUNNING', { field: '/agents', agent: id });
      }
      const details = { seconds, ...(ranges && { ranges }), ...(ports && { ports }), address: asker.address };
      for (const agent of asked) {
        await writer.call('audit.append', {
          person: asker.by,
          action: 'discovery.search',
          object: agent,
          outcome: 'done',
          details,
        });
        const id = randomUUID();
        searches.start({ id, agent, by: asker.by, startedAt: now, endsAt: now + seconds * 1000 });
        send(agent, {
          id,
          seconds,
          ...(ranges && { ranges }),
          ...(ports && { ports }),
          deadline: wall.nowMs() + BEGIN_WITHIN_MS,
        });
      }
      return view();
    },
    async ignore(id, ignored, asker) {
      await writer.call('discovery.ignore', { ...asker, id, ignored });
    },
    async adopt(id, request, asker) {
      const row = store.get(id);
      if (!row) throw new HallError('NOT_FOUND', { field: '/id' });
      const [held, ifVersion] = [content.load(), content.version()];
      const proposal = propose({
        agent: row.agent,
        found: row.found,
        request,
        content: held,
        schemaOf: schemas(),
        isOnline: (device) => devices.get(device)?.reported?.link === 'online',
      });
      if (request.dryRun === true) return { adopted: false, ...proposal };
      const { device, conflicts } = proposal;
      const [first] = conflicts;
      if (first) throw new HallError('ADOPTION_REFUSED', { field: `/${first.what}`, expected: first.device ?? '', conflicts });
      const place = held.devices.findIndex((one) => one.id === device.id);
      const next: HallContent = {
        ...held,
        devices: place < 0 ? [...held.devices, device] : held.devices.with(place, device),
      };
      const [wrong] = checkContent(next);
      if (wrong) throw new HallError('CONTENT_INVALID', { field: wrong.field, expected: wrong.expected });
      await writer.call('discovery.adopt', { ...asker, hall, content: next, ifVersion, found: id, device: device.id });
      return { adopted: true, ...proposal };
    },
    discovered(agent, message) {
      if (!speaks(agent, message.epoch)) return;
      if (!searches.take(agent, message, wall.nowMs())) return;
      // In the order of the messages, and after their devices are stored: whoever sees the end sees everything that was found.
      const stored =
        message.devices.length === 0
          ? Promise.resolve(null)
          : writer
              .call('discovery.found', { agent, devices: message.devices, keptSince: keptSince() })
              .catch((error: unknown) => log.warn({ agent, error }, 'found devices not stored'));
      settled = Promise.all([settled, stored]).then(() => searches.settle(agent, message));
    },
  };
}
