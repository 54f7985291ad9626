import { FakeClock } from '@hall/contracts';
import { expect, test } from 'vitest';
import { CODE_LIFE_MS, createBootstrapCode } from './bootstrap-code.ts';

function setup() {
  const clock = new FakeClock();
  const codes: string[] = [];
  const code = createBootstrapCode(clock.machine, (text) => void codes.push(text));
  const stop = new AbortController();
  const running = code.run(stop.signal);
  return { clock, codes, code, stop, running };
}

test('a code is two groups of four unambiguous characters and may be typed in any case, with or without the hyphen', () => {
  const { codes, code } = setup();
  expect(codes[0]).toMatch(/^[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}$/);
  expect(code.take(` ${codes[0]?.toLowerCase().replace('-', ' ')}`)).toBe(true);
});

test('a code works once', () => {
  const { codes, code } = setup();
  const [first = ''] = codes;
  expect(code.take(first)).toBe(true);
  expect(code.take(first)).toBe(false);
  code.restore();
  expect(codes).toHaveLength(2);
  expect(code.take(first)).toBe(false);
  expect(code.take(codes[1] ?? '')).toBe(true);
});

test('after ten minutes of machine time the code is dead and a new one is announced', async () => {
  const { clock, codes, code } = setup();
  await clock.advance(CODE_LIFE_MS - 1);
  expect(codes).toHaveLength(1);
  await clock.advance(1);
  expect(codes).toHaveLength(2);
  expect(code.take(codes[0] ?? '')).toBe(false);
  expect(code.take(codes[1] ?? '')).toBe(true);
});

test('the fifth wrong try replaces the code', () => {
  const { codes, code } = setup();
  const [first = ''] = codes;
  for (let tries = 0; tries < 4; tries += 1) expect(code.take('AAAA-AAAA')).toBe(false);
  expect(codes).toHaveLength(1);
  expect(code.take('AAAA-AAAA')).toBe(false);
  expect(codes).toHaveLength(2);
  expect(code.take(first)).toBe(false);
});

test('after close no code is made or taken, and the loop ends', async () => {
  const { clock, codes, code, stop, running } = setup();
  code.close();
  expect(code.take(codes[0] ?? '')).toBe(false);
  await clock.advance(3 * CODE_LIFE_MS);
  expect(codes).toHaveLength(1);
  stop.abort();
  await expect(running).resolves.toBeUndefined();
});
