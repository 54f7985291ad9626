/**
 * Who may call which waiting ticket while the server is away. Agents that are cut off cannot ask each other, so every waiting
 * ticket is dealt to one agent beforehand, by its number: no two agents hold the same ticket.
 */
import { MOST_WAITING, type HallContent, type WaitingList, type WaitingTicket } from '@hall/contracts';

/** By what tickets are dealt: follows from hall content alone. */
export interface Rota {
  /** The agent whose call port serves a window. */
  readonly homes: Readonly<Record<string, string>>;
  /** The agents that serve a service, one entry for each window. */
  readonly services: Readonly<Record<string, readonly string[]>>;
}

/** A window belongs to the agent of its first strip, by device id; a window without a strip to none. */
export function rotaOf(content: HallContent): Rota {
  const homes: Record<string, string> = {};
  for (const { agent, screen } of content.devices.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    if (screen?.template === 'window-strip' && screen.window !== undefined) homes[screen.window] ??= agent;
  }
  const services: Record<string, string[]> = {};
  for (const { id, services: own } of content.windows.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    const agent = homes[id];
    if (agent === undefined) continue;
    for (const service of own) (services[service] ??= []).push(agent);
  }
  return { homes, services };
}

/** The windows of an agent, sorted. */
export const windowsOf = ({ homes }: Rota, agent: string): string[] =>
  Object.keys(homes)
    .filter((window) => homes[window] === agent)
    .toSorted();

const numberOf = (ticket: string): number => Number(/[0-9]+$/.exec(ticket)?.[0] ?? 0);

/** Whom a rota gives a ticket: turn by turn by its number, so that an agent with more windows gets more. */
function ownerIn({ services }: Rota, service: string, ticket: string): string | undefined {
  const agents = services[service] ?? [];
  return agents[numberOf(ticket) % agents.length];
}

/**
 * Whom a ticket is dealt to. While an agent may still go by an older rota, a ticket counts only where every rota in use names
 * the same agent; the others are dealt to nobody until all have confirmed the newest.
 */
export function ownerOf(rotas: readonly Rota[], service: string, ticket: string): string | undefined {
  const [first, ...others] = rotas.filter(({ services }) => services[service] !== undefined);
  const owner = first && ownerIn(first, service, ticket);
  return owner !== undefined && others.every((rota) => ownerIn(rota, service, ticket) === owner) ? owner : undefined;
}

/** The lists of every agent that has a share in a service, empty ones too. `rotas`: the newest last. */
export function deal(
  rotas: readonly Rota[],
  service: string,
  waiting: readonly WaitingTicket[],
  at: number,
): Map<string, WaitingList> {
  const agents = new Set(rotas.at(-1)?.services[service]);
  const shares = new Map([...agents].map((agent) => [agent, [] as WaitingTicket[]]));
  for (const item of waiting.slice(0, MOST_WAITING)) {
    const owner = ownerOf(rotas, service, item.ticket);
    if (owner !== undefined) shares.get(owner)?.push(item);
  }
  return new Map([...shares].map(([agent, tickets]) => [agent, { service, at, tickets }]));
}
