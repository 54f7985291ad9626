import { addressOf, envelope } from '@hall/contracts';
import { expect, test } from 'vitest';
import { createSampler } from './message-samples.ts';

const PRESENCE = addressOf('presence', { hall: 'a', agent: 'agent-a' });
const EVENTS = addressOf('platformEvents', { hall: 'a', platform: 'city' });
const EPOCHS = ['2b1f6a3e-9d5c-4b7a-8e21-0c9f8d7e6a51', '7c0e4d12-31aa-4f6e-9b58-d2a4c8e1f903'] as const;
const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const presence = (state: 'online' | 'lost', epoch: string, at: number) =>
  bytes(envelope('presence', '/hall/a/agent/agent-a', `${epoch}-${at % 97}`, at, { state, epoch }));

test('one sample of each shape and telling word is kept, and a last will is a sample of its own', () => {
  const sampler = createSampler();
  sampler.take(PRESENCE, presence('lost', EPOCHS[0], 1_800_000_000_000), true);
  for (const at of [1, 2, 3]) sampler.take(PRESENCE, presence('online', EPOCHS[0], 1_800_000_000_000 + at), false);
  sampler.take(PRESENCE, presence('lost', EPOCHS[0], 1_800_000_000_009), false);
  sampler.take('some/other/topic', bytes({}), false);
  const kept = sampler.samples().get('presence') ?? [];
  expect(kept.map(({ will, payload }) => [will, (payload as { data: { state: string } }).data.state])).toEqual([
    [true, 'lost'],
    [undefined, 'online'],
    [undefined, 'lost'],
  ]);
  expect(sampler.samples().get('hello')).toEqual([]);
});

test('the same message of two runs is the same sample, whatever its ids and its time', () => {
  const [first, second] = EPOCHS.map((epoch, run) => {
    const sampler = createSampler();
    sampler.take(PRESENCE, presence('online', epoch, 1_800_000_000_000 + run * 12_345), false);
    return sampler.samples().get('presence');
  });
  expect(first).toEqual(second);
  expect(first).toHaveLength(1);
});

test('names of people are masked in what the platform sends', () => {
  const sampler = createSampler();
  const data = { ticket: 'A001', service: 'id-card', name: '欧阳震华' };
  sampler.take(
    EVENTS,
    bytes([
      { type: 'ticket.issued', data },
      { type: 'case.received', data: { applicant: '欧阳震华' } },
    ]),
    false,
  );
  const text = JSON.stringify(sampler.samples().get('platformEvents'));
  expect(text).toContain('A001');
  expect(text).not.toContain('欧阳');
});
