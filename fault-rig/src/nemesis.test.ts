import { FakeClock } from '@hall/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { planOf, runNemesis, type Fault } from './nemesis.ts';

const fault = (name: string, lastsMs: readonly [number, number] = [100, 2000]): Fault => ({
  name,
  lastsMs,
  begin: () => async () => {},
});
const faults = [fault('cable'), fault('broker'), { ...fault('server'), weight: 5 }];
const options = { seed: 7, faults, together: 2, everyMs: [200, 900], forMs: 60_000 } as const;
const named = (seed: number) => planOf({ ...options, seed }).map(({ fault: { name }, ...step }) => ({ ...step, name }));

test('the same seed is the same plan, another one another', () => {
  expect(named(7)).toEqual(named(7));
  expect(named(8)).not.toEqual(named(7));
});

test('faults come about as often as their weights say', () => {
  const names = planOf({ ...options, together: 3, everyMs: [3000, 3000], forMs: 3_000_000 }).map((step) => step.fault.name);
  const share = names.filter((name) => name === 'server').length / names.length;
  expect(share).toBeGreaterThan(0.6);
  expect(share).toBeLessThan(0.85);
});

test('no fault meets itself, never more than allowed are there together, and all end in time', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 3 }), (seed, together) => {
      const plan = planOf({ ...options, seed, together });
      const endOf = ({ atMs, lastsMs }: (typeof plan)[number]) => atMs + lastsMs;
      for (const step of plan) {
        expect(endOf(step)).toBeLessThanOrEqual(options.forMs);
        const beside = plan.filter((other) => other !== step && other.atMs <= step.atMs && endOf(other) > step.atMs);
        expect(beside.length).toBeLessThan(together);
        expect(beside.map((other) => other.fault)).not.toContain(step.fault);
      }
    }),
  );
});

test('every fault that begins is ended, also when the run is broken off', async () => {
  for (const breakOffMs of [undefined, 7000]) {
    const clock = new FakeClock();
    const over = new AbortController();
    let running = 0;
    const counted = faults.map((one) => ({
      ...one,
      begin: () => {
        running += 1;
        return async () => void (running -= 1);
      },
    }));
    const run = runNemesis({ ...options, faults: counted, clock }, over.signal);
    await clock.advance(breakOffMs ?? options.forMs);
    if (breakOffMs !== undefined) over.abort();
    const records = await run;
    expect(records.length).toBeGreaterThan(0);
    expect(records.filter(({ what }) => what === 'ends')).toHaveLength(records.length / 2);
    expect(running).toBe(0);
  }
});

test('a fault that cannot be ended is told', async () => {
  const clock = new FakeClock();
  const begin = () => async () => Promise.reject(new Error('the broker does not come back'));
  const run = runNemesis({ ...options, faults: [{ ...fault('broker'), begin }], clock, forMs: 3000 });
  const outcome = run.catch((error: unknown) => error);
  await clock.advance(10_000);
  expect(await outcome).toMatchObject({ message: 'the broker does not come back' });
});

test('a fault that cannot begin breaks the run off, and those that had begun are ended first', async () => {
  const clock = new FakeClock();
  let running = 0;
  const begin = () => {
    running += 1;
    return async () => void (running -= 1);
  };
  const broken = () => {
    throw new Error('no such cable');
  };
  const some = [
    { ...fault('server', [50_000, 60_000]), begin },
    { ...fault('cable'), begin: broken },
  ];
  const outcome = runNemesis({ ...options, faults: some, clock }).catch((error: unknown) => error);
  await clock.advance(60_000);
  expect(await outcome).toMatchObject({ message: 'no such cable' });
  expect(running).toBe(0);
});
