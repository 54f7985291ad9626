import { expect, test } from 'vitest';
import { CallWatch } from './call-watch.ts';

test('a call that reaches its strip has the time since it was due', () => {
  const watch = new CallWatch();
  watch.due(1, 10, 100);
  watch.seen(1, 10, 103);
  expect(watch).toMatchObject({ latenciesMs: [3], overtaken: 0, pending: 0 });
});

test('a newer call stands for the older ones of its strip, and for no other strip', () => {
  const watch = new CallWatch();
  watch.due(1, 10, 100);
  watch.due(2, 11, 101);
  watch.due(1, 12, 102);
  watch.seen(1, 12, 110);
  expect(watch).toMatchObject({ latenciesMs: [10, 8], overtaken: 1, pending: 1 });
});

test('an older call leaves the newer ones waiting, and a repeat changes nothing', () => {
  const watch = new CallWatch();
  watch.due(1, 10, 100);
  watch.due(1, 12, 102);
  watch.seen(1, 10, 105);
  watch.seen(1, 10, 106);
  watch.seen(7, 10, 106);
  expect(watch).toMatchObject({ latenciesMs: [5], pending: 1 });
});
