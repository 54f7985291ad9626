/** What windows and visitors do by themselves. Every decision is void at a window where a person acts. */
import {
  arrive,
  call,
  clearFault,
  close,
  end,
  fault,
  issue,
  leave,
  miss,
  nextFor,
  park,
  pause,
  recall,
  requeue,
  resume,
  staffOff,
  staffOn,
  transfer,
  unpark,
} from './acts.ts';
import { MAX_CALLS, type Arrival } from './arrivals.ts';
import { receiveCase } from './cases.ts';
import { decide, type Counter, type Ticket, type World } from './world.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;

/** Whether the script may decide at this window. */
export const scripted = (world: World, counter: Counter): boolean => counter.manualUntilMs <= world.nowMs;
const seconds = (world: World, from: number, to: number) => world.random.between(from * SECOND_MS, to * SECOND_MS);

/** A visitor takes a ticket; a free window calls soon. */
export function visit(world: World, visitor: Arrival): Ticket {
  const ticket = issue(world, visitor);
  if (Number.isFinite(visitor.patienceMs)) {
    world.timers.set(world.nowMs + visitor.patienceMs, () => {
      if (ticket.state === 'waiting') leave(world, ticket, world.random.chance(0.7) ? 'abandoned' : 'visitor');
    });
  }
  wake(world, ticket.service);
  return ticket;
}

/** Lets one free window that gives this service look at the queue. */
function wake(world: World, service: string): void {
  const free = [...world.counters.values()].filter(
    (counter) => counter.free && counter.state === 'open' && counter.services.includes(service) && scripted(world, counter),
  );
  if (free.length === 0) return;
  const counter = world.random.pick(free);
  counter.free = false;
  decide(world, counter, seconds(world, 2, 6), () => next(world, counter));
}

/** Between two visitors: close, pause, or call the next. */
export function next(world: World, counter: Counter): void {
  if (!scripted(world, counter) || counter.state !== 'open' || counter.ticket) return;
  const ticket = nextFor(world, counter);
  if (counter.closeByMs !== undefined && (!ticket || world.nowMs >= counter.closeByMs)) {
    staffOff(world, counter);
    close(world, counter);
    return;
  }
  if (counter.pauseDue) {
    takePause(world, counter);
    return;
  }
  if (!ticket) {
    counter.free = true;
    return;
  }
  call(world, counter, ticket);
  awaitVisitor(world, counter, ticket);
}

export function awaitVisitor(world: World, counter: Counter, ticket: Ticket): void {
  const needed = ticket.returned ? 1 : ticket.visitor.callsNeeded;
  if (ticket.calls >= needed) {
    decide(world, counter, seconds(world, 8, 30), () => {
      arrive(world, counter, ticket);
      serve(world, counter, ticket);
    });
    return;
  }
  decide(world, counter, seconds(world, 28, 45), () => {
    if (ticket.calls < MAX_CALLS) {
      recall(world, counter, ticket);
      awaitVisitor(world, counter, ticket);
      return;
    }
    miss(world, counter, ticket);
    if (ticket.visitor.returns && !ticket.returned) comeBack(world, ticket);
    decide(world, counter, seconds(world, 3, 8), () => next(world, counter));
  });
}

function comeBack(world: World, ticket: Ticket): void {
  world.timers.set(world.nowMs + seconds(world, 120, 480), () => {
    if (ticket.state !== 'missed') return;
    requeue(world, ticket, 3);
    wake(world, ticket.service);
  });
}

export function serve(world: World, counter: Counter, ticket: Ticket): void {
  const { fate, serviceMs } = ticket.visitor;
  if (fate === 'transferred' && !ticket.alreadyTransferred) {
    decide(world, counter, serviceMs / 3, () => {
      const others = world.content.services.filter(({ id }) => id !== ticket.service);
      const near = others.filter(({ department }) => department === counter.department);
      const target = near.length > 0 && world.random.chance(0.7) ? near : others;
      if (target.length === 0) return finish(world, counter, ticket);
      transfer(world, counter, ticket, world.random.pick(target).id);
      wake(world, ticket.service);
      rest(world, counter);
    });
  } else if (fate === 'parked' && !ticket.returned) {
    decide(world, counter, serviceMs / 2, () => {
      park(world, counter, ticket);
      ticket.returned = true;
      world.timers.set(world.nowMs + seconds(world, 300, 1200), () => {
        if (ticket.state !== 'parked') return;
        unpark(world, ticket);
        wake(world, ticket.service);
      });
      rest(world, counter);
    });
  } else {
    decide(world, counter, serviceMs, () => finish(world, counter, ticket));
  }
}

function rest(world: World, counter: Counter): void {
  decide(world, counter, seconds(world, 5, 25), () => next(world, counter));
}

function finish(world: World, counter: Counter, ticket: Ticket): void {
  finishTicket(world, counter, ticket);
  rest(world, counter);
}

/** Ends a ticket with what may follow: a rating, a case. */
export function finishTicket(world: World, counter: Counter, ticket: Ticket): void {
  const { random } = world;
  const ratingAsked = random.chance(0.8);
  const { number, visitor } = ticket;
  if (random.chance(0.55)) receiveCase(world, counter, ticket.service, visitor.name);
  end(world, counter, ticket, ratingAsked);
  if (!ratingAsked || !random.chance(0.75)) return;
  const grade = random.next();
  world.timers.set(world.nowMs + seconds(world, 4, 40), () => {
    world.emit('rating.given', undefined, {
      window: counter.id,
      ticket: number,
      grade: grade < 0.82 ? 5 : grade < 0.95 ? 4 : grade < 0.985 ? 3 : grade < 0.995 ? 2 : 1,
      channel: 'device',
    });
  });
}

function takePause(world: World, counter: Counter): void {
  const due = counter.pauseDue;
  if (!due) return;
  delete counter.pauseDue;
  const lengthMs = due.forMs * (0.85 + 0.35 * world.random.next());
  if (due.reason === undefined) fault(world, counter);
  else pause(world, counter, due.reason, Math.ceil((world.nowMs + due.forMs) / MINUTE_MS) * MINUTE_MS);
  decide(world, counter, lengthMs, () => {
    if (due.relief !== undefined) {
      staffOff(world, counter);
      staffOn(world, counter, due.relief);
    }
    goOn(world, counter);
  });
}

/** From a pause or fault back to work. */
export function goOn(world: World, counter: Counter): void {
  if (counter.state === 'fault') clearFault(world, counter);
  else if (counter.state === 'paused') resume(world, counter);
  decide(world, counter, seconds(world, 2, 10), () => next(world, counter));
}

/** Makes a free window look at what is due now: a pause, closing. */
export function reconsider(world: World, counter: Counter): void {
  if (!counter.free) return;
  counter.free = false;
  decide(world, counter, seconds(world, 1, 5), () => next(world, counter));
}
