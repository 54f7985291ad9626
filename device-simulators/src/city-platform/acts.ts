/** What can happen to a ticket and a window: each act changes the world and tells it. Who decides is `script.ts` or a person. */
import type { PauseReason } from '@hall/contracts';
import type { Arrival } from './arrivals.ts';
import type { Counter, Ticket, World } from './world.ts';

const iso = (atMs: number) => new Date(atMs).toISOString();

const rankOf = ({ visitor }: Ticket): number => ({ green: 0, elder: 1, appointment: 1, normal: 2 })[visitor.priority];
const before = (a: Ticket, b: Ticket) => rankOf(a) < rankOf(b) || (rankOf(a) === rankOf(b) && a.order < b.order);

function enqueue(world: World, ticket: Ticket): void {
  const queue = world.queues.get(ticket.service);
  if (!queue) throw new RangeError(`no service ${ticket.service}`);
  const at = queue.findIndex((other) => before(ticket, other));
  queue.splice(at < 0 ? queue.length : at, 0, ticket);
  ticket.state = 'waiting';
  delete ticket.window;
}
function dequeue(world: World, ticket: Ticket): void {
  const queue = world.queues.get(ticket.service) ?? [];
  const at = queue.indexOf(ticket);
  if (at >= 0) queue.splice(at, 1);
}

export function issue(world: World, visitor: Arrival): Ticket {
  const service = world.content.services.find(({ id }) => id === visitor.service);
  if (!service) throw new RangeError(`no service ${visitor.service}`);
  const nth = (world.issued.get(service.prefix) ?? 0) + 1;
  world.issued.set(service.prefix, nth);
  const number = `${service.prefix}${String(nth).padStart(3, '0')}`;
  const ticket: Ticket = {
    subject: `${world.plan.day}/${number}`,
    number,
    service: visitor.service,
    visitor,
    issuedAtMs: world.nowMs,
    state: 'waiting',
    order: world.nowMs,
    calls: 0,
    reservedUntilMs: 0,
    alreadyTransferred: false,
    returned: false,
  };
  world.tickets.set(number, ticket);
  enqueue(world, ticket);
  world.emit('ticket.issued', ticket.subject, {
    ticket: number,
    service: visitor.service,
    channel: visitor.channel,
    priority: visitor.priority,
    ...(visitor.name === undefined ? {} : { name: visitor.name }),
    ...(visitor.appointmentAtMs === undefined ? {} : { appointmentAt: iso(visitor.appointmentAtMs) }),
  });
  return ticket;
}
/** The next ticket a window would call, if any. */
export function nextFor(world: World, counter: Counter): Ticket | undefined {
  let best: Ticket | undefined;
  for (const service of counter.services) {
    const first = world.queues.get(service)?.find(({ reservedUntilMs }) => reservedUntilMs <= world.nowMs);
    if (first && (!best || before(first, best))) best = first;
  }
  return best;
}

export function call(world: World, counter: Counter, ticket: Ticket): void {
  dequeue(world, ticket);
  ticket.state = 'called';
  ticket.window = counter.id;
  ticket.calls = 1;
  ticket.calledAtMs = world.nowMs;
  counter.ticket = ticket;
  counter.free = false;
  world.emit('ticket.called', ticket.subject, { ticket: ticket.number, window: counter.id, callNumber: 1 });
}

export function recall(world: World, counter: Counter, ticket: Ticket): void {
  ticket.calls += 1;
  ticket.calledAtMs = world.nowMs;
  world.emit('ticket.recalled', ticket.subject, {
    ticket: ticket.number,
    window: counter.id,
    callNumber: Math.min(ticket.calls, 99),
  });
}

export function arrive(world: World, counter: Counter, ticket: Ticket): void {
  ticket.state = 'serving';
  world.emit('ticket.arrived', ticket.subject, { ticket: ticket.number, window: counter.id });
}

export function miss(world: World, counter: Counter, ticket: Ticket): void {
  ticket.state = 'missed';
  delete counter.ticket;
  world.emit('ticket.no_show', ticket.subject, { ticket: ticket.number, window: counter.id });
}

/** Back into the queue, behind the next few. */
export function requeue(world: World, ticket: Ticket, placesBack: number): void {
  const queue = world.queues.get(ticket.service) ?? [];
  const ahead = queue[Math.min(placesBack, queue.length) - 1];
  ticket.order = (ahead?.order ?? world.nowMs) + 0.5;
  ticket.returned = true;
  enqueue(world, ticket);
  world.emit('ticket.requeued', ticket.subject, { ticket: ticket.number, placesBack });
}

export function transfer(world: World, counter: Counter, ticket: Ticket, toService: string): void {
  delete counter.ticket;
  ticket.service = toService;
  ticket.alreadyTransferred = true;
  enqueue(world, ticket);
  world.emit('ticket.transferred', ticket.subject, { ticket: ticket.number, toService, reason: 'other_service' });
}

export function park(world: World, counter: Counter, ticket: Ticket): void {
  delete counter.ticket;
  ticket.state = 'parked';
  world.emit('ticket.parked', ticket.subject, { ticket: ticket.number, window: counter.id });
}

/** A parked visitor is ready again and waits at the head of the queue. */
export function unpark(world: World, ticket: Ticket): void {
  enqueue(world, ticket);
  world.emit('ticket.resumed', ticket.subject, { ticket: ticket.number });
}

export function end(world: World, counter: Counter, ticket: Ticket, ratingAsked: boolean): void {
  ticket.state = 'gone';
  delete counter.ticket;
  const outcome = world.random.next();
  world.emit('ticket.ended', ticket.subject, {
    ticket: ticket.number,
    window: counter.id,
    outcome: outcome < 0.9 ? 'done' : outcome < 0.95 ? 'partly' : outcome < 0.98 ? 'redirected' : 'refused',
    ratingAsked,
  });
}

/** Leaves the queue for good: walked away unseen, gave the ticket back, or the day is over. */
export function leave(world: World, ticket: Ticket, how: 'abandoned' | 'visitor' | 'reset'): void {
  dequeue(world, ticket);
  ticket.state = 'gone';
  if (how === 'abandoned') world.emit('ticket.abandoned', ticket.subject, { ticket: ticket.number });
  else world.emit('ticket.removed', ticket.subject, { ticket: ticket.number, by: how });
}

export function staffOn(world: World, counter: Counter, staff: string): void {
  counter.staff = staff;
  world.emit('window.staff_on', counter.subject, { window: counter.id, staff, department: counter.department });
}
export function staffOff(world: World, counter: Counter): void {
  const { staff } = counter;
  if (staff === undefined) return;
  delete counter.staff;
  world.emit('window.staff_off', counter.subject, { window: counter.id, staff });
}
export function open(world: World, counter: Counter): void {
  counter.state = 'open';
  world.emit('window.opened', counter.subject, { window: counter.id });
}
export function close(world: World, counter: Counter): void {
  counter.state = 'closed';
  counter.free = false;
  delete counter.closeByMs;
  world.emit('window.closed', counter.subject, { window: counter.id });
}
export function pause(world: World, counter: Counter, reason: PauseReason, returnAtMs: number | undefined): void {
  counter.state = 'paused';
  counter.free = false;
  counter.reason = reason;
  if (returnAtMs === undefined) delete counter.expectedReturnAtMs;
  else counter.expectedReturnAtMs = returnAtMs;
  world.emit('window.paused', counter.subject, {
    window: counter.id,
    reason,
    ...(returnAtMs === undefined ? {} : { expectedReturnAt: iso(returnAtMs) }),
  });
}
export function resume(world: World, counter: Counter): void {
  counter.state = 'open';
  delete counter.reason;
  delete counter.expectedReturnAtMs;
  world.emit('window.resumed', counter.subject, { window: counter.id });
}
export function setServices(world: World, counter: Counter, services: readonly string[]): void {
  counter.services = services;
  world.emit('window.services_set', counter.subject, { window: counter.id, services });
}
export function fault(world: World, counter: Counter): void {
  counter.state = 'fault';
  counter.free = false;
  world.emit('window.fault', counter.subject, { window: counter.id });
}
export function clearFault(world: World, counter: Counter): void {
  counter.state = 'open';
  world.emit('window.fault_cleared', counter.subject, { window: counter.id });
}
