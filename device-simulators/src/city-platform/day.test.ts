import { CloudEventAttributes, eventSchemas, PlatformSnapshot, isSequenced } from '@hall/contracts';
import { Compile } from 'typebox/compile';
import { describe, expect, test } from 'vitest';
import { demoContent } from './content.ts';
import { createHallDay } from './day.ts';
import { disturb } from './disturb.ts';
import { createHallEngine } from './engine.ts';
import type { TimedEvent } from './events.ts';
import { fromRecording, toRecording } from './recording.ts';

const content = demoContent();
const options = { seed: 7, content, day: '2026-11-23' };
const day = createHallDay(options);
const HALF_PAST_TEN = day.startMs + 10.5 * 3_600_000;
const ofType = (events: readonly TimedEvent[], type: string) => events.filter(({ event }) => event.type === type);

describe('a hall day', () => {
  test('is the same for the same seed and another for another', () => {
    expect(toRecording(createHallDay(options).events)).toBe(toRecording(day.events));
    expect(toRecording(createHallDay({ ...options, seed: 8 }).events)).not.toBe(toRecording(day.events));
  });

  test('has the visitors asked for, and everything else a day has', () => {
    expect(ofType(day.events, 'ticket.issued')).toHaveLength(6000);
    const types = new Set(day.events.map(({ event }) => event.type));
    const rare = ['case.returned', 'case.voided'];
    expect(
      Object.keys(eventSchemas).filter((type) => !types.has(type as keyof typeof eventSchemas) && !rare.includes(type)),
    ).toEqual([]);
  });

  test('every event matches the contract', () => {
    const envelope = Compile(CloudEventAttributes);
    const data = new Map(Object.entries(eventSchemas).map(([type, schema]) => [type, Compile(schema)]));
    const wrong = day.events.filter(({ event }) => !envelope.Check(event) || !data.get(event.type)?.Check(event.data));
    expect(wrong).toEqual([]);
  });

  test('ids are unique, and sequences count up from one for every subject', () => {
    expect(new Set(day.events.map(({ event }) => event.id)).size).toBe(day.events.length);
    const last = new Map<string, number>();
    for (const { event } of day.events) {
      expect(event.subject !== undefined).toBe(isSequenced(event.type));
      if (event.subject === undefined) continue;
      expect(Number(event.sequence)).toBe((last.get(event.subject) ?? 0) + 1);
      last.set(event.subject, Number(event.sequence));
    }
  });

  test('times never go back', () => {
    expect(day.events.every(({ atHallMs }, at) => atHallMs >= (day.events[at - 1]?.atHallMs ?? 0))).toBe(true);
  });

  test('a window has one visitor at a time, calls only when open and only for its services', () => {
    const services = new Map(content.windows.map(({ id, services: own }) => [id, own]));
    const open = new Set<string>();
    const at = new Map<string, string>();
    const serviceOf = new Map<string, string>();
    const wrong: string[] = [];
    for (const { event } of day.events) {
      const { window, ticket } = event.data as { window: string; ticket: string };
      if (event.type === 'ticket.issued') serviceOf.set(ticket, event.data['service'] as string);
      if (event.type === 'ticket.transferred') serviceOf.set(ticket, event.data['toService'] as string);
      if (event.type === 'window.services_set') services.set(window, event.data['services'] as string[]);
      if (['window.opened', 'window.resumed', 'window.fault_cleared'].includes(event.type)) open.add(window);
      if (['window.closed', 'window.paused', 'window.fault'].includes(event.type)) open.delete(window);
      if (event.type === 'ticket.called') {
        if (!open.has(window)) wrong.push(`${ticket}: ${window} is not open`);
        if (at.has(window)) wrong.push(`${ticket}: ${window} still has ${at.get(window)}`);
        if (!services.get(window)?.includes(serviceOf.get(ticket) ?? '')) wrong.push(`${ticket}: not a service of ${window}`);
        at.set(window, ticket);
      }
      if (['ticket.ended', 'ticket.no_show', 'ticket.parked', 'ticket.transferred'].includes(event.type)) {
        for (const [where, present] of at) if (present === ticket) at.delete(where);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('everybody who waits is called, leaves or is sent home', () => {
    const gone = new Set(
      day.events
        .filter(({ event }) => ['ticket.ended', 'ticket.abandoned', 'ticket.removed', 'ticket.no_show'].includes(event.type))
        .map(({ event }) => event.data['ticket']),
    );
    expect(ofType(day.events, 'ticket.issued').filter(({ event }) => !gone.has(event.data['ticket']))).toEqual([]);
  });

  test('windows close at noon except those on lunch duty', () => {
    const engine = createHallEngine(options);
    engine.advanceTo(day.startMs + 12.75 * 3_600_000);
    const open = content.windows.filter(({ id }) => engine.counter(id)?.state !== 'closed').map(({ id }) => id);
    expect(open.toSorted()).toEqual(content.calendar.lunchWindows.toSorted());
  });

  test('a holiday has heartbeats only', () => {
    const types = createHallDay({ ...options, day: '2026-10-01' }).events.map(({ event }) => event.type);
    expect(new Set(types)).toEqual(new Set(['hall.queue_reset', 'feed.heartbeat']));
  });

  test('the snapshot matches the contract, and what follows continues its sequences', () => {
    const engine = createHallEngine({ ...options, windowSequence: () => 900 });
    engine.advanceTo(HALF_PAST_TEN);
    const snapshot = engine.snapshot();
    expect([...Compile(PlatformSnapshot).Errors(snapshot)]).toEqual([]);
    const known = new Map([...snapshot.tickets, ...snapshot.windows].map(({ subject, sequence }) => [subject, sequence]));
    for (const { event } of engine.advanceTo(day.endMs)) {
      if (event.subject === undefined) continue;
      expect(Number(event.sequence)).toBe((known.get(event.subject) ?? 0) + 1);
      known.set(event.subject, Number(event.sequence));
    }
  });
});

describe('a person at a counter', () => {
  const begin = () => {
    const engine = createHallEngine(options);
    engine.advanceTo(HALF_PAST_TEN);
    return engine;
  };

  test('calls the ticket just taken, whoever waits before it', () => {
    const engine = begin();
    const taken = engine.act({ act: 'take', service: 'id-card' }, HALF_PAST_TEN).result;
    if (!taken.done || taken.ticket === undefined) throw new Error('no ticket');
    const { result, events } = engine.act({ act: 'call', window: 'w01' }, HALF_PAST_TEN + 1000);
    expect(result).toEqual({ done: true, ticket: taken.ticket });
    expect(events.at(-1)?.event).toMatchObject({
      type: 'ticket.called',
      data: { ticket: taken.ticket, window: 'w01', callNumber: 1 },
    });
  });

  test('keeps the window until the script takes it back', () => {
    const engine = begin();
    engine.act({ act: 'call', window: 'w01' }, HALF_PAST_TEN, 180_000);
    const quiet = engine
      .advanceTo(HALF_PAST_TEN + 179_000)
      .filter(({ event }) => event.data['window'] === 'w01' && event.type !== 'rating.given');
    expect(quiet.filter(({ event }) => event.type.startsWith('ticket.') || event.type.startsWith('window.'))).toEqual([]);
    const later = engine.advanceTo(HALF_PAST_TEN + 3_600_000).filter(({ event }) => event.data['window'] === 'w01');
    expect(ofType(later, 'ticket.called').length).toBeGreaterThan(2);
  });

  test('pauses with a reason and comes back; a closed window opens for a call', () => {
    const engine = begin();
    const returnAtMs = HALF_PAST_TEN + 600_000;
    engine.act({ act: 'pause', window: 'w02', reason: 'meeting', returnAtMs }, HALF_PAST_TEN);
    expect(engine.counter('w02')).toMatchObject({ state: 'paused', phase: 'free' });
    expect(engine.act({ act: 'resume', window: 'w02' }, HALF_PAST_TEN + 1000).result.done).toBe(true);
    expect(engine.counter('w02')?.state).toBe('open');
    const early = createHallEngine(options);
    early.advanceTo(day.startMs + 7 * 3_600_000);
    early.act({ act: 'take', service: 'id-card' }, day.startMs + 7 * 3_600_000);
    expect(early.act({ act: 'call', window: 'w01' }, day.startMs + 7 * 3_600_000).result.done).toBe(true);
    expect(early.counter('w01')).toMatchObject({ state: 'open', phase: 'called' });
  });

  test('cannot recall or finish without a ticket, nor resume what is not paused', () => {
    const engine = createHallEngine(options);
    const at = day.startMs + 7 * 3_600_000;
    expect(engine.act({ act: 'recall', window: 'w01' }, at).result).toEqual({ done: false, why: 'no_ticket' });
    expect(engine.act({ act: 'end', window: 'w01' }, at).result).toEqual({ done: false, why: 'no_ticket' });
    expect(engine.act({ act: 'resume', window: 'w01' }, at).result).toEqual({ done: false, why: 'not_paused' });
    expect(engine.act({ act: 'call', window: 'w01' }, at).result).toEqual({ done: false, why: 'nobody_waits' });
    expect(engine.act({ act: 'call', window: 'nowhere' }, at).result).toEqual({ done: false, why: 'unknown' });
  });
});

describe('recording and disturbance', () => {
  test('a recording reads back as it was written and names a bad line', () => {
    const some = day.events.slice(0, 50);
    expect(fromRecording(toRecording(some))).toEqual(some);
    expect(() => fromRecording(`${toRecording(some)}{"atHallMs":`)).toThrow('line 51');
    expect(() => fromRecording('{"event":{}}')).toThrow('line 1');
  });

  test('a disturbed day holds every event at least once, some twice, and is out of order', () => {
    const bad = disturb(day.events, { duplicates: 0.05, disorder: 0.05, lateness: 0.02, seed: 1 });
    const ids = new Set(bad.map(({ event }) => event.id));
    expect(ids.size).toBe(day.events.length);
    expect(bad.length).toBeGreaterThan(day.events.length * 1.03);
    expect(bad.every(({ atHallMs }, at) => atHallMs >= (bad[at - 1]?.atHallMs ?? 0))).toBe(true);
    const times = bad.map(({ event }) => Date.parse(event.time));
    expect(times.filter((time, at) => time < (times[at - 1] ?? 0)).length).toBeGreaterThan(1000);
    expect(disturb(day.events, { seed: 1 })).toEqual(day.events);
  });
});
