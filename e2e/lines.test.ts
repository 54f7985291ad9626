/** The proof `driver-links` in a whole hall: cables and power of strips on TCP and on real pseudo-terminals. */
import { runLines } from '@hall/proof';
import { expect, test } from 'vitest';

test.concurrent.each(['tcp', 'pty'] as const)(
  '%s: a pulled cable, lost bytes and lost power are noticed, and made good in time',
  async (line) => {
    const { measures, ...others } = await runLines(line);
    expect(measures.filter(({ ms, limitMs }) => ms > limitMs)).toEqual([]);
    expect(measures.length).toBe(6);
    expect(others).toEqual({ flashWrites: 0, wrongMs: 0, steppedBack: 0 });
  },
);
