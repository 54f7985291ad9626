/** Judges what a strip shows against what it should show. Pure: pictures are compared by key, times are machine time in ms. */

/**
 * - `right`: what should be seen at some moment of the last `toleranceMs`.
 * - `held`: was right within `maxAgeMs`, and the way to the strip is known to be cut: the last picture within its lease.
 * - `late`: was right within `maxAgeMs`, though nothing is known to be cut.
 * - `stale`: the neutral text. `safe`: the programme stored in the card. `dark`: nothing at all.
 * - `wrong`: everything else. A visitor is told something that is not so.
 */
export const verdicts = ['right', 'held', 'late', 'stale', 'safe', 'dark', 'wrong'] as const;
export type Verdict = (typeof verdicts)[number];

/** A picture that should be seen, or may still be seen, for a while. */
export interface Span {
  readonly key: string;
  readonly fromMs: number;
  /** When the change that ended it was acknowledged to the platform; until then this picture and its successor are both right. */
  endedMs?: number;
}

export interface Judgement {
  readonly shown: string;
  /** In any order. */
  readonly expected: readonly Span[];
  readonly nowMs: number;
  /** How long after a change the old picture still counts as right; the promise is 1000. */
  readonly toleranceMs: number;
  /** Live fields may be shown this long without being renewed. */
  readonly maxAgeMs: number;
  /** Whether anything between platform and strip is known to be cut, or was until a moment ago. */
  readonly cut: boolean;
  readonly neutral: ReadonlySet<string>;
  readonly stored: string;
  readonly dark: string;
}

export function classify(judgement: Judgement): Verdict {
  const { shown, expected, nowMs, toleranceMs, maxAgeMs } = judgement;
  const within = (ageMs: number) =>
    expected.some((span) => span.key === shown && span.fromMs <= nowMs && (span.endedMs ?? nowMs) >= nowMs - ageMs);
  if (within(toleranceMs)) return 'right';
  if (judgement.neutral.has(shown)) return 'stale';
  if (shown === judgement.stored) return 'safe';
  if (shown === judgement.dark) return 'dark';
  if (within(maxAgeMs + toleranceMs)) return judgement.cut ? 'held' : 'late';
  return 'wrong';
}

/** Screen-seconds by verdict, ms. */
export type Tally = Record<Verdict, number>;
export const emptyTally = (): Tally => ({ right: 0, held: 0, late: 0, stale: 0, safe: 0, dark: 0, wrong: 0 });
