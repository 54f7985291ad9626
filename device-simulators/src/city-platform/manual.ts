/** A person at a counter: their acts win over the script, which comes back to the window after a while. */
import { arrive, call, clearFault, nextFor, open, pause, recall, resume, setServices, staffOn } from './acts.ts';
import type { Arrival } from './arrivals.ts';
import type { ActResult, CounterAct } from './counter-acts.ts';
import { finishTicket, goOn, next, serve, visit } from './script.ts';
import { decide, type Counter, type Ticket, type World } from './world.ts';

/** A ticket taken by hand is kept for the hand that took it. */
const RESERVED_MS = 120_000;
const done = (ticket?: Ticket): ActResult => ({ done: true, ...(ticket ? { ticket: ticket.number } : {}) });
const refused = (why: 'nobody_waits' | 'no_ticket' | 'not_paused' | 'unknown'): ActResult => ({ done: false, why });

export function perform(world: World, act: CounterAct, holdMs: number): ActResult {
  if (act.act === 'take') return take(world, act.service);
  const counter = world.counters.get(act.window);
  if (!counter) return refused('unknown');
  const result = atCounter(world, counter, act);
  if (result.done) hold(world, counter, holdMs);
  return result;
}

function take(world: World, service: string): ActResult {
  if (!world.queues.has(service)) return refused('unknown');
  const visitor: Arrival = {
    atHallMs: world.nowMs,
    service,
    channel: 'site',
    priority: 'normal',
    serviceMs: 120_000,
    callsNeeded: 1,
    returns: false,
    patienceMs: Number.POSITIVE_INFINITY,
    fate: 'done',
  };
  const ticket = visit(world, visitor);
  ticket.reservedUntilMs = world.nowMs + RESERVED_MS;
  return done(ticket);
}

function atCounter(world: World, counter: Counter, act: Exclude<CounterAct, { act: 'take' }>): ActResult {
  const present = counter.ticket;
  switch (act.act) {
    case 'call': {
      const wanted = act.ticket === undefined ? nextReserved(world, counter) : world.tickets.get(act.ticket);
      if (!wanted || wanted.state !== 'waiting') return refused(act.ticket === undefined ? 'nobody_waits' : 'unknown');
      if (present) finishTicket(world, counter, present);
      makeReady(world, counter);
      call(world, counter, wanted);
      return done(wanted);
    }
    case 'recall':
      if (present?.state !== 'called') return refused('no_ticket');
      recall(world, counter, present);
      return done(present);
    case 'end':
      if (!present) return refused('no_ticket');
      finishTicket(world, counter, present);
      return done(present);
    case 'pause':
      if (present) finishTicket(world, counter, present);
      makeReady(world, counter);
      pause(world, counter, act.reason, act.returnAtMs);
      return done();
    case 'resume':
      if (counter.state !== 'paused') return refused('not_paused');
      resume(world, counter);
      return done();
  }
}

/** The next for this window, tickets taken by hand first. */
function nextReserved(world: World, counter: Counter): Ticket | undefined {
  for (const service of counter.services) {
    const reserved = world.queues.get(service)?.find(({ reservedUntilMs }) => reservedUntilMs > world.nowMs);
    if (reserved) return reserved;
  }
  return nextFor(world, counter);
}

/** Whatever the window was, it is open and staffed now. */
function makeReady(world: World, counter: Counter): void {
  if (counter.staff === undefined) {
    const person = world.content.staff.find(({ department }) => department === counter.department);
    if (person) staffOn(world, counter, person.id);
  }
  if (counter.state === 'closed') open(world, counter);
  else if (counter.state === 'paused') resume(world, counter);
  else if (counter.state === 'fault') clearFault(world, counter);
  if (counter.services.length === 0) {
    const own = world.content.windows.find(({ id }) => id === counter.id)?.services ?? [];
    if (own.length > 0) setServices(world, counter, own);
  }
}

/** Takes the window from the script and gives it back later, whatever state it is in then. */
function hold(world: World, counter: Counter, holdMs: number): void {
  const untilMs = Math.max(world.nowMs + holdMs, counter.state === 'paused' ? (counter.expectedReturnAtMs ?? 0) : 0);
  counter.manualUntilMs = untilMs;
  counter.free = false;
  decide(world, counter, untilMs - world.nowMs, () => release(world, counter));
}

function release(world: World, counter: Counter): void {
  const { ticket } = counter;
  if (ticket) {
    if (ticket.state === 'called') arrive(world, counter, ticket);
    serve(world, counter, ticket);
  } else if (counter.state === 'paused') goOn(world, counter);
  else next(world, counter);
}
