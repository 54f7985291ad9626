import type { PlatformSnapshot } from '@hall/contracts';
import type { Ticket, World } from './world.ts';

const iso = (atMs: number) => new Date(atMs).toISOString();
type LiveState = PlatformSnapshot['tickets'][number]['state'];
const isLive = (state: Ticket['state']): state is LiveState => state !== 'missed' && state !== 'gone';

/**
 * The full state of the source at the world's present time. A receiver takes what is not named as ended, so missed tickets
 * do not come back and cases begun before are told no further.
 */
export function snapshotOf(world: World, source: string): PlatformSnapshot {
  world.caseEpoch += 1;
  const tickets: PlatformSnapshot['tickets'] = [];
  for (const ticket of world.tickets.values()) {
    if (ticket.state === 'missed') ticket.state = 'gone';
    if (!isLive(ticket.state)) continue;
    tickets.push({
      subject: ticket.subject,
      sequence: world.sequenceOf(ticket.subject),
      ticket: ticket.number,
      service: ticket.service,
      state: ticket.state,
      issuedAt: iso(ticket.issuedAtMs),
      priority: ticket.visitor.priority,
      ...(ticket.window === undefined || ticket.state === 'waiting' ? {} : { window: ticket.window }),
      ...(ticket.calledAtMs === undefined ? {} : { calledAt: iso(ticket.calledAtMs) }),
      ...(ticket.calls === 0 ? {} : { callNumber: Math.min(ticket.calls, 99) }),
    });
  }
  const windows = [...world.counters.values()].map((counter) => ({
    subject: counter.subject,
    sequence: world.sequenceOf(counter.subject),
    window: counter.id,
    state: counter.state,
    services: [...counter.services],
    ...(counter.staff === undefined ? {} : { staff: counter.staff }),
    ...(counter.reason === undefined ? {} : { reason: counter.reason }),
    ...(counter.expectedReturnAtMs === undefined ? {} : { expectedReturnAt: iso(counter.expectedReturnAtMs) }),
  }));
  return { source, time: iso(world.nowMs), tickets, windows };
}
