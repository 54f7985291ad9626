/** What the platform says of a ticket that an agent called alone. Pure. */
import type { IslandActName, IslandVerdict } from '@hall/contracts';
import type { TicketFacts } from '../ticket.ts';

export interface ActToJudge {
  readonly act: IslandActName;
  readonly window: string;
  readonly ticket: string | undefined;
  /** Hall time, Unix ms. */
  readonly at: number;
}

const CALLS: ReadonlySet<IslandActName> = new Set(['next', 'recall']);

/** The ticket meant where a number came more than once: the newest of those born before the act. */
function meant(tickets: readonly TicketFacts[], at: number): TicketFacts | undefined {
  const bornAt = ({ issuedAt, appointmentAt = 0, firstCalledAt }: TicketFacts) =>
    issuedAt === undefined ? (firstCalledAt ?? 0) : Math.max(issuedAt, appointmentAt);
  return tickets.filter((facts) => bornAt(facts) <= at).toSorted((one, other) => bornAt(other) - bornAt(one))[0];
}

/**
 * `tickets`: all of that number the fold knows, and others. The platform's truth wins; a verdict only says how far it lies from what was
 * called. `unheard`: the platform still takes the ticket for waiting, so it may yet take over the call.
 */
export function verdictOn(
  { act, window, ticket, at }: ActToJudge,
  tickets: readonly TicketFacts[],
): { readonly verdict: IslandVerdict; readonly elsewhere?: string } {
  if (!CALLS.has(act) || ticket === undefined) return { verdict: 'noted' };
  const facts = meant(
    tickets.filter((one) => one.ticket === ticket),
    at,
  );
  if (!facts) return { verdict: 'ticket_unknown' };
  const elsewhere = facts.calls.filter((call) => call.window !== window).toSorted((one, other) => other.at - one.at)[0]?.window;
  const here = facts.calls.some((call) => call.window === window);
  if (here && (facts.window === window || facts.window === undefined)) return { verdict: 'agreed' };
  if (elsewhere !== undefined) return { verdict: 'called_elsewhere', elsewhere };
  const ended = facts.state === 'ended' || facts.state === 'abandoned' || facts.state === 'removed';
  if (ended && !here) return { verdict: 'ticket_ended' };
  return { verdict: here ? 'agreed' : 'unheard' };
}
