import { expect, test } from 'vitest';
import { portsOf, rangesOf } from './search-text.ts';

test('ranges as people type them', () => {
  expect(rangesOf('')).toBe('none');
  expect(rangesOf('  ')).toBe('none');
  expect(rangesOf('192.168.1.20 - 60，10.0.0.0/30')).toEqual([
    { from: '192.168.1.20', to: '192.168.1.60' },
    { from: '10.0.0.1', to: '10.0.0.2' },
  ]);
  expect(rangesOf('192.168.1.20, 8.8.8.8')).toBeUndefined();
  expect(rangesOf(Array.from({ length: 9 }, (_, at) => `10.0.0.${at}`).join(','))).toBeUndefined();
});

test('ports as people type them', () => {
  expect(portsOf('')).toBe('none');
  expect(portsOf('5005, 5006,5005')).toEqual([5005, 5006]);
  expect(portsOf('5005, x')).toBeUndefined();
  expect(portsOf('0')).toBeUndefined();
  expect(portsOf('70000')).toBeUndefined();
});
