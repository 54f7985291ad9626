import { FakeClock, type Picture } from '@hall/contracts';
import { describe, expect, test } from 'vitest';
import { createChecker } from './checker.ts';
import type { Span } from './classify.ts';
import { pictureKey, type Truth } from './truth.ts';

const picture = (ink: number): Picture => ({ widthPx: 16, heightPx: 8, pixels: new Uint8Array(128).fill(ink) });
const [dark, red, green, yellow] = [picture(0), picture(1), picture(2), picture(3)] as const;

function begin() {
  const clock = new FakeClock();
  const expected: Span[] = [{ key: pictureKey(red), fromMs: 0 }];
  const truth = { expected: () => expected, neutral: () => pictureKey(yellow) } as unknown as Truth;
  const strip = { shown: red, cut: false };
  const checker = createChecker({
    clock,
    truth,
    maxAgeMs: 30_000,
    strips: [{ id: 's', picture: () => strip.shown, cut: () => strip.cut, storedKey: 'stored', darkKey: pictureKey(dark) }],
  });
  /** Time passes as it does on the stage: with a look every 250 ms. */
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 250) {
      await clock.advance(250);
      checker.look();
    }
  };
  const show = (next: Picture) => {
    strip.shown = next;
    checker.seen('s');
  };
  const change = (to: Picture) => {
    const last = expected.at(-1);
    if (last) last.endedMs = clock.machine.nowMs();
    expected.push({ key: pictureKey(to), fromMs: clock.machine.nowMs() });
  };
  return { checker, strip, pass, show, change };
}

describe('the checker', () => {
  test('counts a wrong picture for as long as it is seen', async () => {
    const { checker, pass, show } = begin();
    await pass(5000);
    show(green);
    expect(checker.verdict('s')).toBe('wrong');
    await pass(3000);
    show(red);
    await pass(2000);
    expect(checker.tally()).toMatchObject({ right: 7000, wrong: 3000, held: 0, late: 0 });
    expect(checker.findings).toMatchObject([{ strip: 's', verdict: 'wrong' }]);
  });

  test('an old number on a cut strip is held for its lease, then wrong; neutral text in its place is stale', async () => {
    const { checker, strip, pass, show, change } = begin();
    strip.cut = true;
    change(green);
    await pass(40_000);
    expect(checker.tally()).toMatchObject({ held: 30_000, wrong: 8750 });
    checker.reset();
    show(yellow);
    await pass(1000);
    expect(checker.tally()).toMatchObject({ stale: 1000, wrong: 0 });
  });

  test('without a cut the same old number is late', async () => {
    const { checker, pass, change } = begin();
    change(green);
    await pass(10_000);
    expect(checker.verdict('s')).toBe('late');
    expect(checker.tally().held).toBe(0);
  });

  test('just after the way is mended a lagging strip is still held', async () => {
    const { checker, strip, pass, change } = begin();
    strip.cut = true;
    await pass(250);
    change(green);
    strip.cut = false;
    await pass(5000);
    expect(checker.verdict('s')).toBe('held');
    await pass(12_000);
    expect(checker.verdict('s')).toBe('late');
  });

  test('a card without power is dark, not wrong', async () => {
    const { checker, pass, show } = begin();
    show(dark);
    await pass(1000);
    expect(checker.tally()).toMatchObject({ dark: 1000, wrong: 0 });
  });
});
