import type { AgentStatus } from '@hall/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { conditionsOf, SILENT_MS, SKEW_MS, type Observed } from './conditions.ts';
import { sampleStatus } from './status.fixture.ts';

const observed = (more: Partial<AgentStatus> = {}, rest: Partial<Observed> = {}): Observed => ({
  status: { ...sampleStatus(), ...more },
  online: true,
  silentMs: 0,
  ...rest,
});
const typesOf = (one: Observed, before: string[] = []) =>
  conditionsOf(
    one,
    before.map((type) => ({ type: type as 'clock_skew', since: 1 })),
    5,
  ).map(({ type }) => type);
const MB = 1024 * 1024;
const clock = (skewMs: number, errorMs = 10): Partial<AgentStatus> => ({
  clock: { trust: 'told', skewMs, errorMs, highestMs: 1 },
});

test('an agent that is well has none', () => {
  expect(typesOf(observed())).toEqual([]);
});

test.each<[string, Observed]>([
  ['agent_disk_low', observed({ disk: { freeBytes: 100 * MB, totalBytes: 8000 * MB } })],
  ['agent_disk_low', observed({ store: 'full' })],
  ['clock_skew', observed(clock(2500))],
  ['clock_skew', observed(clock(-86_400_000))],
  ['time_untrusted', observed({ clock: { trust: 'untrusted', highestMs: 1 } })],
  ['outbox_filling', observed({ outbox: { ...sampleStatus().outbox, percent: 60 } })],
  ['agent_stalled', observed({ loop: { worstMs: 6000, stalls: 1 } })],
  ['agent_stalled', observed({}, { silentMs: SILENT_MS })],
])('%s', (type, one) => {
  expect(typesOf(one)).toEqual([type]);
});

test('an agent that is gone is not stalled, it is gone', () => {
  expect(typesOf(observed({}, { silentMs: 10 * SILENT_MS, online: false }))).toEqual([]);
});

test('a bad line is no skew', () => {
  expect(typesOf(observed(clock(2500, 3000)))).toEqual([]);
});

test('a condition that holds keeps its beginning, and ends only by a margin', () => {
  const before = conditionsOf(observed(clock(SKEW_MS + 100)), [], 7);
  expect(before).toEqual([{ type: 'clock_skew', since: 7 }]);
  expect(conditionsOf(observed(clock(SKEW_MS - 100)), before, 9)).toEqual(before);
  expect(conditionsOf(observed(clock(100)), before, 9)).toEqual([]);
});

test('what would begin anew also goes on', () => {
  fc.assert(
    fc.property(fc.integer({ min: -10_000, max: 10_000 }), fc.integer({ min: 0, max: 100 }), (skewMs, percent) => {
      const one = observed({ ...clock(skewMs), outbox: { ...sampleStatus().outbox, percent } });
      const fresh = typesOf(one);
      expect(typesOf(one, ['clock_skew', 'outbox_filling'])).toEqual(expect.arrayContaining(fresh));
    }),
  );
});
