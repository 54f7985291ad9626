/** How long after an event left the platform its picture stood on the strip. */
import type { Clock, Picture } from '@hall/contracts';
import { pictureKey, type Truth } from '@hall/virtual-hall';

export interface WatchedPicture {
  readonly id: string;
  readonly simulator: { picture(): Picture; onChange(listener: () => void): () => void };
}

export interface Latency {
  /** Of every change since the start or the last reset, ms; a change that was overtaken counts until a later one was shown. */
  readonly ms: readonly number[];
  reset(): void;
  stop(): void;
}

export function followLatency(clock: Clock, truth: Truth, strips: Iterable<WatchedPicture>): Latency {
  const ms: number[] = [];
  const stops = [...strips].map(({ id, simulator }) => {
    let shownFromMs = clock.machine.nowMs();
    return simulator.onChange(() => {
      const nowMs = clock.machine.nowMs();
      const spans = truth.expected(id).filter(({ fromMs }) => fromMs > shownFromMs);
      const key = pictureKey(simulator.picture());
      const shown = spans.findLast((span) => span.key === key);
      if (!shown) return;
      for (const { fromMs } of spans) if (fromMs <= shown.fromMs) ms.push(nowMs - fromMs);
      shownFromMs = shown.fromMs;
    });
  });
  return {
    ms,
    reset: () => void ms.splice(0),
    stop: () => {
      for (const stop of stops) stop();
    },
  };
}
