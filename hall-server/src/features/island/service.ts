/**
 * Readies agents for a life without the server: deals the waiting tickets to them while it is there, and compares what they did
 * alone with what the platform says.
 */
import type { Clock, HallContent, IslandView, Payload, WaitingList, WaitingTicket } from '@hall/contracts';
import { deal, rotaOf, windowsOf, type Rota } from '@hall/model';
import type { Logger } from 'pino';
import type { HallChanges } from '../../platform/changes.ts';
import type { Link } from '../../platform/mqtt/link.ts';
import type { Writer } from '../../platform/store/writer.ts';
import type { IslandStore } from './store.ts';

/** How often lists that changed are told, ms of machine time: the age of the last known list. */
export const WAITING_MS = 2000;
/** Calls of which the platform has said nothing are offered again this often, ms: it may not have listened. */
const OFFER_MS = 20_000;
/** Acts older than this are compared no more, hall ms. */
const JUDGED_MS = 86_400_000;
/** Lists in one message, so that a packet stays small. */
const LISTS_TOGETHER = 16;

const NO_ROTA: Rota = { homes: {}, services: {} };

type Offered = Payload<'platformIsland'>['acts'];

export interface IslandService {
  view(query: { readonly conflicts?: boolean; readonly limit?: number }): IslandView;
}

export interface IslandHost extends IslandService {
  attach(link: Pick<Link, 'send'>): void;
  /** An agent was welcomed: it is dealt everything anew. */
  welcomed(agent: string): void;
  /** Agents told these acts; they are offered to the platforms. */
  told(acts: Offered): void;
  /** Deals and compares until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

export interface IslandHostOptions {
  readonly hall: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly store: IslandStore;
  readonly writer: Pick<Writer, 'call'>;
  readonly changes: HallChanges;
  readonly content: () => HallContent;
  readonly gen: () => string;
  /** Agents with a session. */
  readonly online: () => readonly string[];
  readonly platforms: () => readonly string[];
}

export function createIslandHost(options: IslandHostOptions): IslandHost {
  const { hall, clock, log, store, writer, changes, content, gen, online, platforms } = options;
  let link: Pick<Link, 'send'> | undefined;
  /** The rotas in use, the newest last, and its version. */
  let rotas: readonly Rota[] = [];
  let ver = 0;
  let contentChanged = true;
  let judgeDue = true;
  const dirty = new Set<string>();
  const newcomers = new Set<string>();
  /** Agents that are known to hold a rota from this one on, or an older one. */
  const noted = new Set<string>();
  /** Tickets of each service as they were dealt last. */
  const dealt = new Map<string, { readonly tickets: readonly WaitingTicket[]; readonly at: number }>();

  changes.on('content', () => {
    contentChanged = true;
  });
  changes.on('agents', (agents) => {
    for (const agent of agents) noted.delete(agent);
  });
  changes.on('queues', (services) => {
    for (const service of services) dirty.add(service);
  });
  changes.on('facts', () => {
    judgeDue = true;
  });

  function tell(agent: string, lists: readonly WaitingList[], full: boolean): void {
    const windows = windowsOf(rotas.at(-1) ?? NO_ROTA, agent).slice(0, 500);
    const send = (part: WaitingList[], first: boolean) =>
      link?.send('waiting', { hall, agent }, { gen: gen(), rota: ver, windows, full: first, lists: part });
    if (lists.length === 0 && full) send([], true);
    for (let from = 0; from < lists.length; from += LISTS_TOGETHER) {
      send(lists.slice(from, from + LISTS_TOGETHER), full && from === 0);
    }
  }

  async function readRotas(): Promise<boolean> {
    contentChanged = false;
    const before = ver;
    ({ ver } = await writer.call('island.rota', { rota: rotaOf(content()) }));
    return ver !== before;
  }

  /** One round: what changed is read together and told to those it concerns. */
  async function round(): Promise<void> {
    const renewed = contentChanged && (await readRotas());
    const known = store.rotas().map(({ rota }) => rota);
    // Agents have confirmed a newer rota, so that tickets held back can be dealt.
    const freed = known.length !== rotas.length;
    rotas = known;
    const { services } = rotas.at(-1) ?? NO_ROTA;
    if (renewed || freed) for (const service of Object.keys(services)) dirty.add(service);
    for (const service of Object.keys(services)) if (!dealt.has(service)) dirty.add(service);
    const wanted = [...dirty].filter((service) => services[service] !== undefined);
    dirty.clear();
    const fresh = newcomers.size > 0 ? [...newcomers] : [];
    newcomers.clear();
    const at = Math.round(clock.hall.nowMs());
    const changed = new Set<string>();
    if (wanted.length > 0) {
      const found = await writer.call('island.waiting', { services: wanted });
      for (const [service, tickets] of Object.entries(found)) {
        const before = dealt.get(service);
        if (before && !renewed && !freed && sameTickets(before.tickets, tickets)) continue;
        dealt.set(service, { tickets, at });
        changed.add(service);
      }
    }
    if (changed.size === 0 && fresh.length === 0 && !renewed) return;
    const shares = [...dealt].map(([service, list]) => ({ service, shares: deal(rotas, service, list.tickets, list.at) }));
    for (const agent of online()) {
      const full = renewed || fresh.includes(agent);
      const lists = shares.flatMap(({ service, shares: own }) => {
        const list = own.get(agent);
        return list && (full || changed.has(service)) ? [list] : [];
      });
      if (!full && lists.length === 0) continue;
      if (!noted.has(agent)) await writer.call('island.dealt', { agent, ver });
      noted.add(agent);
      tell(agent, lists, full);
    }
  }

  let offeredMs = clock.machine.nowMs();
  const offer = (acts: Offered) => {
    if (acts.length === 0) return;
    for (const platform of platforms()) link?.send('platformIsland', { hall, platform }, { acts });
  };
  function offerAgain(): void {
    if (clock.machine.nowMs() - offeredMs < OFFER_MS) return;
    offeredMs = clock.machine.nowMs();
    offer(store.unheard(Math.round(clock.hall.nowMs()) - JUDGED_MS));
  }

  async function judge(): Promise<void> {
    if (!judgeDue) return;
    judgeDue = false;
    const { changed } = await writer.call('island.judge', { since: Math.round(clock.hall.nowMs()) - JUDGED_MS });
    if (changed > 0) log.info({ changed }, 'acts of island mode compared with the platform');
  }

  return {
    view: (query) => store.view(query, clock.hall.nowMs()),
    attach: (to) => {
      link = to;
    },
    welcomed: (agent) => void newcomers.add(agent),
    told: (acts) => {
      judgeDue = true;
      offer(acts);
    },
    run: async (signal) => {
      while (!signal.aborted) {
        await round().catch((error: unknown) => {
          contentChanged = true;
          log.warn({ error }, 'waiting tickets not dealt');
        });
        await judge().catch((error: unknown) => log.warn({ error }, 'acts of island mode not compared'));
        offerAgain();
        await clock.machine.sleep(WAITING_MS, signal).catch(() => {});
      }
    },
  };
}

const sameTickets = (one: readonly WaitingTicket[], other: readonly WaitingTicket[]): boolean =>
  one.length === other.length && one.every(({ ticket, since }, n) => other[n]?.ticket === ticket && other[n].since === since);
