import type { Trace } from '@hall/contracts';
import type { Dictionary } from '../i18n/zh.ts';
import { millisText } from '../time/age.ts';

export interface TraceStep {
  readonly text: string;
  /** From the server's receipt, ms; absent where it has not happened or happened on another clock. */
  readonly afterMs?: number;
  readonly done: boolean;
}

/**
 * The way of one event as steps, in the order in which they happened; what is still awaited comes last. `nameOf` names a
 * device; one without a name is called by its id.
 */
export function traceSteps(
  trace: Trace,
  words: Dictionary,
  nameOf: (device: string) => string | undefined,
): readonly TraceStep[] {
  const t = words.trace;
  const screens = trace.screens.map((screen) => ({ ...screen, device: nameOf(screen.device) ?? screen.device }));
  const at = (text: string, ms: number | null): TraceStep[] =>
    ms === null ? [] : [{ text, afterMs: ms - trace.receivedAt, done: true }];
  const steps = [
    ...at(t.received, trace.receivedAt),
    ...at(t.committed, trace.committedAt),
    ...at(t.published, trace.publishedAt),
    ...screens.flatMap((screen) => [
      ...at(t.decided(screen.device), screen.decidedAt),
      ...at(t.sent(screen.device), screen.sentAt),
      ...at(t.confirmed(screen.device, words.level[screen.level]), screen.confirmedAt),
    ]),
  ].toSorted((one, other) => (one.afterMs ?? 0) - (other.afterMs ?? 0));
  const waiting = screens
    .filter((screen) => screen.confirmedAt === null)
    .map((screen) => ({ text: t.pending(screen.device), done: false }));
  return [{ text: t.source, done: true }, ...steps, ...waiting];
}

/** How long the whole way took, ms; nothing while a screen has not answered or when no screen was concerned. */
export function traceTotalMs(trace: Trace): number | undefined {
  const times = trace.screens.map((screen) => screen.confirmedAt);
  if (times.length === 0 || times.includes(null)) return undefined;
  return Math.max(...times.map(Number)) - trace.receivedAt;
}

/** `+1.2 ms` after receipt. */
export const afterText = (step: TraceStep, words: Dictionary): string =>
  step.afterMs === undefined ? '' : words.trace.after(millisText(step.afterMs));
