import { FakeClock } from '@hall/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLane, faultSwitch, type LaneFaults } from './lane.ts';

function setup(seed = 0) {
  const clock = new FakeClock();
  const faults = faultSwitch();
  const arrived: { readonly bytes: number[]; readonly atMs: number }[] = [];
  let cuts = 0;
  let draw = seed;
  const lane = createLane({
    faults,
    clock,
    random: () => (draw = (draw + 0.37) % 1),
    deliver: async (bytes) => void arrived.push({ bytes: [...bytes], atMs: clock.machine.nowMs() }),
    cut: () => {
      cuts += 1;
      lane.close();
    },
  });
  const push = (...bytes: number[]) => lane.push(Uint8Array.from(bytes));
  return { clock, faults, lane, push, arrived, bytes: () => arrived.flatMap(({ bytes }) => bytes), cuts: () => cuts };
}

test('a healthy lane passes on at once and in order', async () => {
  const { clock, push, bytes } = setup();
  push(1, 2);
  push(3);
  await clock.advance(0);
  expect(bytes()).toEqual([1, 2, 3]);
});

test('a delay is a latency: what comes together arrives together, however much it is', async () => {
  const { clock, faults, push, arrived } = setup();
  faults.set({ delayMs: 100 });
  push(1);
  push(2);
  await clock.advance(50);
  push(3);
  await clock.advance(200);
  expect(arrived.map(({ bytes, atMs }) => [bytes[0], atMs])).toEqual([
    [1, 100],
    [2, 100],
    [3, 150],
  ]);
});

test('what stalls waits, and comes when the stall is over', async () => {
  const { clock, faults, push, bytes, lane } = setup();
  faults.set({ stalled: true });
  push(1, 2, 3);
  await clock.advance(60_000);
  expect(bytes()).toEqual([]);
  expect(lane.waiting).toBe(3);
  faults.set({ stalled: false });
  await clock.advance(0);
  expect(bytes()).toEqual([1, 2, 3]);
  expect(lane.waiting).toBe(0);
});

test('a delay that ends lets go of what waits for it', async () => {
  const { clock, faults, push, bytes } = setup();
  faults.set({ delayMs: 1_000_000 });
  push(1);
  await clock.advance(10);
  faults.set({ delayMs: 0 });
  await clock.advance(0);
  expect(bytes()).toEqual([1]);
});

test('what is lost is never heard of, and what comes afterwards is', async () => {
  const { clock, faults, push, bytes } = setup();
  faults.set({ lost: true });
  push(1);
  await clock.advance(1000);
  faults.set({ lost: false });
  push(2);
  await clock.advance(0);
  expect(bytes()).toEqual([2]);
});

test('bytes dribble one by one', async () => {
  const { clock, faults, push, arrived } = setup();
  faults.set({ dribbleMs: 20 });
  push(1, 2, 3);
  await clock.advance(100);
  expect(arrived.map(({ bytes, atMs }) => [bytes, atMs])).toEqual([
    [[1], 0],
    [[2], 20],
    [[3], 40],
  ]);
});

test('the line is cut after exactly so many bytes, whatever pieces they come in, and once', async () => {
  const { clock, faults, push, bytes, cuts } = setup();
  faults.set({ cutAfterBytes: 5 });
  push(1, 2, 3);
  push(4, 5, 6, 7);
  push(8);
  await clock.advance(0);
  expect(bytes()).toEqual([1, 2, 3, 4, 5]);
  expect(cuts()).toBe(1);
  expect(faults.now.cutAfterBytes).toBeUndefined();
});

test('a share of the bytes is damaged, never their number, and each damaged one differs', async () => {
  const { clock, faults, lane, bytes } = setup();
  const sent = Uint8Array.from({ length: 1000 }, (_, at) => at & 0xff);
  faults.set({ corrupt: 0.2 });
  lane.push(sent);
  await clock.advance(0);
  const wrong = bytes().filter((byte, at) => byte !== sent[at]).length;
  expect(bytes()).toHaveLength(1000);
  expect(wrong).toBeGreaterThan(100);
  expect(wrong).toBeLessThan(300);
});

test('a closed lane lets go of what waits and takes no more', async () => {
  const { clock, faults, lane, push, bytes } = setup();
  faults.set({ stalled: true });
  push(1);
  await clock.advance(0);
  lane.close();
  await lane.drained();
  faults.set({ stalled: false });
  push(2);
  await clock.advance(0);
  expect(bytes()).toEqual([]);
});

/** A change of the faults that loses nothing, or bytes. */
const act = fc.oneof(
  fc.record({ push: fc.uint8Array({ minLength: 1, maxLength: 20 }) }),
  fc.record({
    set: fc.record<Partial<LaneFaults>>(
      { delayMs: fc.integer({ min: 0, max: 500 }), stalled: fc.boolean(), dribbleMs: fc.constantFrom(undefined, 1, 7) },
      { requiredKeys: [] },
    ),
  }),
  fc.record({ wait: fc.integer({ min: 0, max: 300 }) }),
);

test('through any mix of delays, stalls and dribbling every byte arrives, in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 30 }), async (acts) => {
      const { clock, faults, lane, bytes } = setup();
      const sent: number[] = [];
      for (const one of acts) {
        if ('push' in one) {
          sent.push(...one.push);
          lane.push(one.push);
        } else if ('set' in one) faults.set(one.set);
        else await clock.advance(one.wait);
      }
      faults.set({ delayMs: 0, stalled: false, dribbleMs: undefined });
      await clock.advance(10_000);
      expect(bytes()).toEqual(sent);
      expect(lane.waiting).toBe(0);
    }),
    { numRuns: 60 },
  );
});
