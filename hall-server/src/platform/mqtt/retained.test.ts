import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRetained } from './retained.ts';
import { matches } from './topic-model.fixture.ts';

const word = fc.constantFrom('', 'a', 'b', 'hall', '$SYS', '__proto__', '汉');
const topic = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join('/'));
const filter = fc
  .tuple(fc.array(fc.oneof(word, fc.constant('+')), { maxLength: 4 }), fc.boolean())
  .map(([words, all]) => [...words, ...(all || words.length === 0 ? ['#'] : [])].join('/'));

test('a filter finds what a walk over all topics finds, whatever was kept and taken back before', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ topic, keep: fc.boolean() }), { maxLength: 30 }), filter, (acts, wanted) => {
      const kept = new Map<string, string>();
      const retained = createRetained<string>();
      for (const [at, act] of acts.entries()) {
        if (act.keep) {
          kept.set(act.topic, `${at}`);
          retained.set(act.topic, `${at}`);
        } else {
          kept.delete(act.topic);
          retained.delete(act.topic);
        }
      }
      const expected = [...kept].filter(([name]) => matches(wanted, name)).map(([, message]) => message);
      expect([...retained.matching(wanted)].toSorted()).toEqual(expected.toSorted());
    }),
    { numRuns: 3000 },
  );
});

test('what was taken back leaves nothing behind', () => {
  const retained = createRetained<number>();
  retained.set('a/b/c', 1);
  retained.set('a/b', 2);
  retained.delete('a/b/c');
  expect([...retained.matching('#')]).toEqual([2]);
  retained.delete('a/b');
  retained.delete('never/there');
  expect([...retained.matching('#')]).toEqual([]);
});
