import type { BatchView, CommandView } from '@hall/contracts';
import { expect, it } from 'vitest';
import { countOf } from '../devices/commands/command-text.ts';
import { mergeBatch, mergeCommands } from './commands.ts';

const command = (id: string, more: Partial<CommandView> = {}): CommandView => ({
  id,
  batch: null,
  act: 'identify',
  agent: 'edge-1',
  device: 's1',
  arguments: {},
  person: 'wang',
  createdAt: 1,
  deadlineAt: 2,
  state: 'sent',
  since: 1,
  cancelAsked: false,
  end: null,
  ...more,
});

it('a command is replaced in its place, a new one comes first, others are not taken', () => {
  const held = [command('b'), command('a')];
  const changed = [
    command('a', { state: 'begun' }),
    command('c'),
    command('x', { device: 's2' }),
    command('y', { device: null }),
  ];
  const merged = mergeCommands(held, changed, { device: 's1' });
  expect(merged.map(({ id, state }) => `${id} ${state}`)).toEqual(['c sent', 'b sent', 'a begun']);
  expect(mergeCommands([], changed, { agent: 'edge-1' }).map(({ id }) => id)).toEqual(['y']);
  expect(mergeCommands(held, [], { device: 's1' })).toBe(held);
});

it('a batch shows the newest command of each device, whatever order they come in', () => {
  const batch: BatchView = {
    id: 'batch',
    act: 'black',
    arguments: {},
    person: 'wang',
    createdAt: 1,
    stopped: false,
    takesBack: null,
    commands: [command('a', { batch: 'batch' }), command('b', { batch: 'batch', device: 's2' })],
  };
  const expired = command('a', { batch: 'batch', state: 'ended', end: { outcome: 'expired' } });
  const again = command('c', { batch: 'batch', createdAt: 5, state: 'ended', end: { outcome: 'applied' } });
  const first = mergeBatch(batch, [expired, command('z')]);
  expect(countOf(first)).toMatchObject({ all: 2, done: 0, underWay: 1, notDone: [{ id: 'a' }] });
  const second = mergeBatch(mergeBatch(first, [again]), [expired]);
  expect(countOf(second)).toMatchObject({ all: 2, done: 1, underWay: 1, notDone: [] });
});
