import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { createPatience, type PatienceOptions, type Wait } from './patience.ts';

/** Machine time that moves when told to; whoever is woken has run when it returns. */
function handClock() {
  let nowMs = 0;
  let sleepers: { readonly dueMs: number; readonly wake: () => void }[] = [];
  const settle = async () => {
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  };
  const machine: PatienceOptions['machine'] = {
    nowMs: () => nowMs,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        sleepers.push({ dueMs: nowMs + ms, wake: resolve });
        signal?.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
      }),
  };
  const advance = async (ms: number) => {
    const end = nowMs + ms;
    for (;;) {
      const next = sleepers.toSorted((a, b) => a.dueMs - b.dueMs)[0];
      if (!next || next.dueMs > end) break;
      sleepers = sleepers.filter((one) => one !== next);
      nowMs = Math.max(nowMs, next.dueMs);
      next.wake();
      await settle();
    }
    nowMs = end;
  };
  return { machine, advance };
}

function open(options: Omit<PatienceOptions, 'machine'>) {
  const { machine, advance } = handClock();
  const patience = createPatience({ machine, ...options });
  onTestFinished(patience.close);
  const gone: string[] = [];
  const begin = (name: string, address = 'a') => patience.begin(address, (why) => void gone.push(`${name} ${why}`));
  return { patience, advance, gone, begin };
}

test('nobody is waited for longer than the time, to the millisecond, and whoever has finished is left alone', async () => {
  const { advance, gone, begin, patience } = open({ forMs: 1000, most: 10 });
  begin('one');
  const two = begin('two');
  await advance(500);
  begin('three');
  two.over();
  await advance(499);
  expect(gone).toEqual([]);
  await advance(1);
  expect(gone).toEqual(['one too_slow']);
  await advance(500);
  expect(gone).toEqual(['one too_slow', 'three too_slow']);
  expect(patience.waiting).toBe(0);
  begin('later');
  await advance(1000);
  expect(gone.at(-1)).toBe('later too_slow');
});

test('one too many: the address with most loses its oldest, another one nothing', () => {
  const { gone, begin } = open({ forMs: 1000, most: 3 });
  begin('good', 'b');
  for (const name of ['bad-1', 'bad-2', 'bad-3', 'bad-4']) begin(name);
  expect(gone).toEqual(['bad-1 too_many', 'bad-2 too_many']);
});

test('too heavy together: the heaviest address loses its oldest, the one that weighs itself among them', () => {
  const { gone, begin, patience } = open({ forMs: 1000, most: 10, mostWeight: 100 });
  begin('good', 'b').weigh(40);
  const first = begin('bad-1');
  const second = begin('bad-2');
  second.weigh(30);
  first.weigh(30);
  expect(gone).toEqual([]);
  second.weigh(31);
  expect(gone).toEqual(['bad-1 too_many']);
  second.weigh(200);
  expect(gone).toEqual(['bad-1 too_many', 'bad-2 too_many']);
  expect(patience.weight).toBe(40);
});

test('nothing is given up after the end', async () => {
  const { patience, advance, gone, begin } = open({ forMs: 10, most: 10 });
  begin('one');
  patience.close();
  await advance(100);
  expect(gone).toEqual([]);
});

test('whatever comes and goes: never too many, never too heavy, never given up twice or after the end', async () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('begin' as const), address: fc.constantFrom('a', 'b', 'c') }),
    fc.record({ kind: fc.constant('weigh' as const), which: fc.nat(30), weight: fc.nat(60) }),
    fc.record({ kind: fc.constant('over' as const), which: fc.nat(30) }),
    fc.record({ kind: fc.constant('time' as const), ms: fc.nat(40) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const { machine, advance } = handClock();
      const patience = createPatience({ machine, forMs: 100, most: 5, mostWeight: 100 });
      let twice = 0;
      const waits: { readonly wait: Wait; readonly sinceMs: number; ended: boolean }[] = [];
      for (const one of steps) {
        if (one.kind === 'begin') {
          const place = waits.length;
          const wait = patience.begin(one.address, () => {
            const mine = waits[place];
            if (mine?.ended) twice += 1;
            if (mine) mine.ended = true;
          });
          waits.push({ wait, sinceMs: machine.nowMs(), ended: false });
        } else if (one.kind === 'time') await advance(one.ms);
        else {
          const mine = waits[one.which % Math.max(1, waits.length)];
          if (one.kind === 'weigh') mine?.wait.weigh(one.weight);
          else if (mine) {
            mine.ended = true;
            mine.wait.over();
          }
        }
        const left = waits.filter(({ ended }) => !ended);
        expect(twice).toBe(0);
        expect(patience.waiting).toBe(left.length);
        expect(patience.waiting).toBeLessThanOrEqual(5);
        expect(patience.weight).toBeLessThanOrEqual(100);
        expect(left.every(({ sinceMs }) => machine.nowMs() - sinceMs <= 100)).toBe(true);
      }
      patience.close();
    }),
  );
});
