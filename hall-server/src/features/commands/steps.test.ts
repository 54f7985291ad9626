/** Every step of a command in any order, any number of times: forward only, one end, and only the agent's word is its word. */
import { randomUUID } from 'node:crypto';
import { codeOf, type CommandEnd, type EdgeRecord } from '@hall/contracts';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { openInMemory } from '../../platform/store/database.ts';
import type { WriteContext } from '../../platform/store/write.ts';
import { createCommandStore } from './store.ts';
import { commandWrites, takeEndRecord } from './writes.ts';

const context: WriteContext = { nowMs: 1000, changed: () => {} };
const asker = { by: 'wang', address: '' };

function setup() {
  const db = openInMemory();
  onTestFinished(() => void db.close());
  const store = createCommandStore(db);
  const give = (): string => {
    const id = randomUUID();
    const commands = [{ id, agent: 'edge-1', device: 's1' }];
    const given = { ...asker, act: 'black' as const, arguments: { on: true }, withinS: 30, commands, object: 's1' };
    commandWrites['commands.give'](db, given, context);
    return id;
  };
  const record = (id: string, end: CommandEnd, agent = 'edge-1') =>
    takeEndRecord(db, agent, { seq: 1, type: 'command.ended', at: 1, data: { id, act: 'black', ...end } } as EdgeRecord, context);
  return { db, store, give, record };
}

function refusalOf(work: () => void): string[] {
  try {
    work();
    return [];
  } catch (error) {
    return [codeOf(error)];
  }
}

const applied: CommandEnd = { outcome: 'applied', level: 'read_back' };

test('whatever is said in whatever order: steps go forward, the end is the first that came, and it is said once', () => {
  const { db, store, give, record } = setup();
  const steps = {
    sent: (id: string) => commandWrites['commands.sent'](db, { id, installId: 'i' }, context),
    persisted: (id: string) =>
      commandWrites['commands.progress'](db, { agent: 'edge-1', id, state: 'persisted', at: 1, epoch: 'e' }, context),
    begun: (id: string) =>
      commandWrites['commands.progress'](db, { agent: 'edge-1', id, state: 'begun', at: 1, epoch: 'e' }, context),
    answer: (id: string) => commandWrites['commands.ended'](db, { agent: 'edge-1', id, at: 1, end: applied }, context),
    record: (id: string) => void record(id, applied),
    cancel: (id: string) => commandWrites['commands.cancel'](db, { ...asker, id }, context),
    expire: (id: string) =>
      commandWrites['commands.close'](db, { id, end: { outcome: 'expired', code: 'COMMAND_LATE' }, onlyIn: 'created' }, context),
  };
  const names = Object.keys(steps) as (keyof typeof steps)[];
  const order = ['created', 'sent', 'persisted', 'begun', 'ended'];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...names), { maxLength: 15 }), (said) => {
      const id = give();
      const refused = said.flatMap((name) => refusalOf(() => steps[name](id)));
      expect(refused.filter((code) => code !== 'COMMAND_ENDED')).toEqual([]);
      const history = store.history(id);
      const states = history?.steps.map(({ state }) => order.indexOf(state)) ?? [];
      expect(states).toEqual(states.toSorted((a, b) => a - b));
      const ends = history?.steps.filter(({ state }) => state === 'ended') ?? [];
      expect(ends.length).toBe(history?.command.state === 'ended' ? 1 : 0);
      const byAgent = ends.some(({ detail }) => detail['by'] === 'answer' || detail['by'] === 'record');
      expect(byAgent).toBe(history?.command.end?.outcome === 'applied');
    }),
  );
});

test('what another agent says of a command is not heard', () => {
  const { store, give, record } = setup();
  const id = give();
  record(id, applied, 'edge-2');
  expect(store.get(id)?.state).toBe('created');
});

test('a silence that was taken for the end gives way to the word of the agent', () => {
  const { db, store, give, record } = setup();
  const id = give();
  commandWrites['commands.close'](db, { id, end: { outcome: 'unknown', code: 'AGENT_SILENT' } }, context);
  record(id, applied);
  record(id, { outcome: 'failed' });
  expect(store.history(id)?.command.end).toEqual(applied);
});

test('the lines of a log stay with the command; a record that is none is only a fact', () => {
  const { store, give, record } = setup();
  const id = give();
  const fact = record(id, { ...applied, evidence: { lines: ['one', 'two'], more: 1 } });
  expect(fact).toEqual({ id, act: 'black', ...applied, evidence: { more: 1 } });
  expect(store.history(id)?.command.end?.evidence).toEqual({ lines: ['one', 'two'], more: 1 });
  expect(store.list({ limit: 10 })[0]?.end?.evidence).toEqual({ lines: 2 });
  expect(record(id, { outcome: 'done' } as never)).toMatchObject({ outcome: 'done' });
});
