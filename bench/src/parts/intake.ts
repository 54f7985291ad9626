/** (d) durable intake: events per second that are on disk when they are answered, beside the floor's. */
import { figure, median, type Figure } from '../figures.ts';
import { startFloor, type FloorSystem } from '../floor-system.ts';
import { batchRequest, eventRequest, type PlatformEvent } from '../hall-events.ts';
import { countEvents } from '../hall-facts.ts';
import { prepareHall, startHall, type HallSystem } from '../hall-system.ts';
import type { Part, PartContext } from '../part.ts';
import { saturate } from '../saturate.ts';
import { ticketOf } from '../tickets.ts';

const IN_FLIGHT = [1, 32, 256];
const WINDOWS = 60;
const BATCH_EVENTS = 250;
const BATCHES_IN_FLIGHT = 8;
/** More than the product takes: requests must not run out before the time. */
const MOST_PER_SECOND = 40_000;
const MOST_BATCHES_PER_SECOND = 400;
const WARM_UP_REQUESTS = 2000;

/** Part of an ordinary day: every third event issues a ticket, the next calls it, the next ends it. */
export function dayEvent(at: number, service: string): PlatformEvent {
  const ticket = Math.floor(at / 3);
  const about = { id: `day-${at}`, subject: `day/${ticket}`, sequence: String((at % 3) + 1) };
  const window = `w${String((ticket % WINDOWS) + 1).padStart(2, '0')}`;
  const number = ticketOf(ticket);
  if (at % 3 === 0) return { ...about, type: 'ticket.issued', data: { ticket: number, service } };
  if (at % 3 === 1) return { ...about, type: 'ticket.called', data: { ticket: number, window } };
  return { ...about, type: 'ticket.ended', data: { ticket: number, window } };
}

const list = <T>(count: number, make: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at));
const one = (hall: HallSystem, at: number) => eventRequest(hall.eventsUrl, hall.secret, dayEvent(at, hall.services[0] ?? ''));
const many = (hall: HallSystem, at: number, from: number) => {
  const events = list(BATCH_EVENTS, (n) => dayEvent(from + n, hall.services[0] ?? ''));
  return batchRequest(hall.eventsUrl, hall.secret, `batch-${at}`, events);
};

export const intake: Part = {
  name: 'intake',
  title: 'Durable intake: events per second, answered after the commit',
  measure: async (context) => {
    const prepared = await prepareHall({ agents: 1, windows: WINDOWS });
    const hall: number[][] = [];
    const floor: number[][] = [];
    const signedFloor: number[] = [];
    const onceFloor: number[] = [];
    const batches: number[] = [];
    let lost = 0;
    let refused = 0;
    try {
      for (let round = 1; round <= context.runs; round += 1) {
        const system = await startHall(prepared);
        try {
          const told = await measureHall(context, system);
          hall.push(told.rates);
          batches.push(told.batches);
          lost += told.lost;
          refused += told.refused;
        } finally {
          await system.close();
        }
        const bare = await startFloor({ agents: 0 });
        try {
          const told = await measureFloor(context, bare);
          floor.push(told.rates);
          signedFloor.push(told.signed);
          onceFloor.push(told.once);
        } finally {
          await bare.close();
        }
        context.say(
          `${round}/${context.runs} hall ${said(hall)}, in batches ${batches.at(-1)?.toFixed(0)}; floor ${said(floor)}, signed ${signedFloor.at(-1)?.toFixed(0)}, once ${onceFloor.at(-1)?.toFixed(0)} events/s`,
        );
      }
    } finally {
      await prepared.remove();
    }
    const signed = median(signedFloor);
    const once = median(onceFloor);
    const medianAt = (rounds: readonly number[][], at: number) => median(rounds.map((rates) => rates[at] ?? Number.NaN));
    return [
      ...IN_FLIGHT.flatMap((inFlight, at): Figure[] => {
        const ours = medianAt(hall, at);
        const bare = medianAt(floor, at);
        const full = inFlight === 256;
        const name = `one signed event per request, ${inFlight} in flight`;
        return [
          figure(name, ours, 'events/s', full ? { least: 3000 } : {}),
          figure(`${name}: floor`, bare, 'events/s'),
          figure(`${name}: share of the floor`, (100 * ours) / bare, '%'),
          // docs/decisions/0006: what takes signed events once has to check signatures and to know events and requests again.
          ...(full
            ? [
                figure(`${name}: floor that checks signatures`, signed, 'events/s'),
                figure(`${name}: share of the floor that checks signatures`, (100 * ours) / signed, '%'),
                figure(`${name}: floor that also knows them again`, once, 'events/s'),
                figure(`${name}: share of the floor that also knows them again`, (100 * ours) / once, '%', { least: 60 }),
              ]
            : []),
        ];
      }),
      figure(`batches of ${BATCH_EVENTS} events`, median(batches), 'events/s', { least: 20_000 }),
      figure('events answered 202 and lost', lost, 'events', { most: 0 }),
      figure('requests not accepted', refused, 'requests', { most: 0 }),
    ];
  },
};

const said = (rounds: readonly number[][]): string =>
  rounds
    .at(-1)
    ?.map((rate) => rate.toFixed(0))
    .join(', ') ?? '';

async function measureHall({ quick }: PartContext, hall: HallSystem) {
  const seconds = quick ? 2 : 6;
  const rates: number[] = [];
  let first = 0;
  let accepted = 0;
  let refused = 0;
  const warm = await saturate(hall.url, (at) => (at < WARM_UP_REQUESTS ? one(hall, at) : undefined), 32, seconds);
  first += WARM_UP_REQUESTS;
  accepted += warm.answered - warm.refused;
  for (const inFlight of IN_FLIGHT) {
    const from = first;
    const requests = list(seconds * MOST_PER_SECOND, (at) => one(hall, from + at));
    const told = await saturate(hall.url, (at) => requests[at], inFlight, seconds);
    rates.push(told.perSecond);
    first += requests.length;
    accepted += told.answered - told.refused;
    refused += told.refused;
  }
  const from = first;
  const batches = list(seconds * MOST_BATCHES_PER_SECOND, (at) => many(hall, at, from + at * BATCH_EVENTS));
  const told = await saturate(hall.url, (at) => batches[at], BATCHES_IN_FLIGHT, seconds);
  accepted += (told.answered - told.refused) * BATCH_EVENTS;
  refused += told.refused;
  return { rates, batches: told.perSecond * BATCH_EVENTS, lost: accepted - countEvents(hall.store, 'day-'), refused };
}

async function measureFloor({ quick }: PartContext, floor: FloorSystem) {
  const seconds = quick ? 2 : 6;
  const rates: number[] = [];
  // As many of its own as the hall gets: reading them from memory is work of the client, and must be the same beside both. The
  // floor takes a request a second time, so a fast one begins again.
  const count = seconds * MOST_PER_SECOND;
  const requests = list(count, floor.storeOnly);
  await saturate(floor.url, (at) => (at < WARM_UP_REQUESTS ? requests[at] : undefined), 32, seconds);
  for (const inFlight of IN_FLIGHT) {
    rates.push((await saturate(floor.url, (at) => requests[at % count], inFlight, seconds)).perSecond);
  }
  const most = IN_FLIGHT.at(-1) ?? 1;
  const signedRate = async (way: 'signed' | 'once'): Promise<number> => {
    const signed = list(count, (at) => floor.signedStoreOnly(at, way));
    await saturate(floor.url, (at) => (at < WARM_UP_REQUESTS ? signed[at] : undefined), 32, seconds);
    const told = await saturate(floor.url, (at) => signed[(WARM_UP_REQUESTS + at) % count], most, seconds);
    if (told.refused > 0) throw new Error('the floor refuses signed requests');
    return told.perSecond;
  };
  return { rates, signed: await signedRate('signed'), once: await signedRate('once') };
}
