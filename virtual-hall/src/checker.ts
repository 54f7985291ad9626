/** Watches every strip against the truth and counts screen-seconds by verdict. */
import type { Clock, Picture } from '@hall/contracts';
import { classify, emptyTally, type Tally, type Verdict } from './classify.ts';
import { pictureKey, type Truth } from './truth.ts';

/** Longer than this after the way was mended, what lags is late and not held any more. */
const MENDED_GRACE_MS = 15_000;

export interface WatchedStrip {
  readonly id: string;
  picture(): Picture;
  /** What it shows when it is told nothing. */
  readonly storedKey: string;
  readonly darkKey: string;
  /** Whether anything between the platform and this strip is cut now. */
  cut(): boolean;
}

/** A stretch in which a strip was not right; for reports. */
export interface Finding {
  readonly strip: string;
  readonly verdict: Verdict;
  /** Machine time, ms. */
  readonly atMs: number;
}

export interface CheckerOptions {
  readonly clock: Clock;
  readonly truth: Truth;
  readonly strips: readonly WatchedStrip[];
  /** Default 1000. */
  readonly toleranceMs?: number;
  readonly maxAgeMs: number;
  /** Told when the verdict on a strip changes. */
  readonly changed?: (strip: string, verdict: Verdict) => void;
}

export interface Checker {
  /** The picture of a strip has changed. */
  seen(strip: string): void;
  /** Something that decides verdicts has changed: the truth, a cut, or time. Call it at least every 250 ms. */
  look(strips?: Iterable<string>): void;
  verdict(strip: string): Verdict;
  /** Screen-milliseconds by verdict since the start or the last reset. */
  tally(): Tally;
  /** Begins to count anew. */
  reset(): void;
  /** The newest stretches that were wrong or late, oldest first; at most 200. */
  readonly findings: readonly Finding[];
}

interface Watch {
  readonly strip: WatchedStrip;
  shown: string;
  verdict: Verdict;
  sinceMs: number;
  cutUntilMs: number;
}

const MOST_FINDINGS = 200;

export function createChecker({ clock, truth, strips, toleranceMs = 1000, maxAgeMs, changed }: CheckerOptions): Checker {
  const tally = emptyTally();
  const findings: Finding[] = [];
  const watches = new Map<string, Watch>();
  for (const strip of strips) {
    const shown = pictureKey(strip.picture());
    const watch: Watch = { strip, shown, verdict: 'right', sinceMs: clock.machine.nowMs(), cutUntilMs: 0 };
    watches.set(strip.id, watch);
    watch.verdict = judge(watch);
  }

  function judge(watch: Watch): Verdict {
    const nowMs = clock.machine.nowMs();
    const { strip, shown } = watch;
    if (strip.cut()) watch.cutUntilMs = nowMs + MENDED_GRACE_MS;
    return classify({
      shown,
      nowMs,
      toleranceMs,
      maxAgeMs,
      expected: truth.expected(strip.id),
      cut: nowMs <= watch.cutUntilMs,
      neutral: new Set([truth.neutral(strip.id)]),
      stored: strip.storedKey,
      dark: strip.darkKey,
    });
  }

  /** Counts the time since the last look to the verdict that held in it, then judges anew. */
  function look(watch: Watch): void {
    const nowMs = clock.machine.nowMs();
    tally[watch.verdict] += nowMs - watch.sinceMs;
    watch.sinceMs = nowMs;
    const verdict = judge(watch);
    if (verdict === watch.verdict) return;
    watch.verdict = verdict;
    if (verdict === 'wrong' || verdict === 'late') {
      findings.push({ strip: watch.strip.id, verdict, atMs: nowMs });
      if (findings.length > MOST_FINDINGS) findings.shift();
    }
    changed?.(watch.strip.id, verdict);
  }

  return {
    seen(id) {
      const watch = watches.get(id);
      if (!watch) return;
      watch.shown = pictureKey(watch.strip.picture());
      look(watch);
    },
    look(ids) {
      for (const id of ids ?? watches.keys()) {
        const watch = watches.get(id);
        if (watch) look(watch);
      }
    },
    verdict: (id) => watches.get(id)?.verdict ?? 'dark',
    tally() {
      for (const watch of watches.values()) look(watch);
      return { ...tally };
    },
    reset() {
      Object.assign(tally, emptyTally());
      findings.length = 0;
      for (const watch of watches.values()) watch.sinceMs = clock.machine.nowMs();
    },
    findings,
  };
}
