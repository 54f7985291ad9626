import { checkContent } from '@hall/model';
import { demoContent } from '@hall/simulators';
import { expect, test } from 'vitest';
import { partOfHall } from './part-of-hall.ts';

test('a part of a hall is a hall: nothing refers to what is gone', () => {
  const whole = demoContent({ windows: 20, stripsPerWindow: 2, boards: false });
  const part = partOfHall(whole, 5);
  expect([part.windows.length, part.devices.length]).toEqual([5, 10]);
  expect(checkContent(part)).toEqual([]);
  expect(part.departments).toEqual(whole.departments);
});

test('the whole is a part', () => {
  const whole = demoContent({ windows: 8 });
  expect(partOfHall(whole, 8)).toEqual(whole);
});
