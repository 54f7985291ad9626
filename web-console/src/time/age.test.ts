import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { zh } from '../i18n/zh.ts';
import { ageText, millisText, spanText } from './age.ts';

describe('ages', () => {
  it.each([
    [-400, '刚刚'],
    [1_999, '刚刚'],
    [2_000, '2 秒前'],
    [59_999, '59 秒前'],
    [60_000, '1 分钟前'],
    [3_599_999, '59 分钟前'],
    [3_600_000, '1 小时前'],
    [47 * 3_600_000, '47 小时前'],
    [48 * 3_600_000, '2 天前'],
  ])('%i ms reads %s', (ms, text) => {
    expect(ageText(ms, zh.age)).toBe(text);
  });

  it('a wait is never told shorter than it is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), (seconds) => {
        const text = spanText(seconds, zh.age);
        const n = Number(/\d+/.exec(text)?.[0]);
        const unit = text.endsWith('小时') ? 3600 : text.endsWith('分钟') ? 60 : 1;
        expect(n * unit).toBeGreaterThanOrEqual(seconds);
      }),
    );
  });

  it('shows a fraction only where it matters', () => {
    expect(millisText(3.14)).toBe('3.1');
    expect(millisText(12.6)).toBe('13');
  });
});
