/** Figures of a benchmark: what was measured, in which unit, against which goal. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** Limit as text for people, e.g. `<= 15`. Absent: reported without a goal. */
  readonly goal?: string;
  readonly met?: boolean;
}

/** A figure with a goal; `most` and `least` are inclusive. */
export function figure(name: string, value: number, unit: string, goal: { most?: number; least?: number } = {}): Figure {
  const rounded = Math.round(value * 1000) / 1000;
  if (goal.most !== undefined) return { name, value: rounded, unit, goal: `<= ${goal.most}`, met: value <= goal.most };
  if (goal.least !== undefined) return { name, value: rounded, unit, goal: `>= ${goal.least}`, met: value >= goal.least };
  return { name, value: rounded, unit };
}

/** The p-th percentile (0 to 100) of unsorted values, nearest rank; NaN when empty. */
export function percentile(values: readonly number[], p: number): number {
  if (values.length === 0) return Number.NaN;
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil((p / 100) * sorted.length) - 1))] ?? Number.NaN;
}

/** The middle value; of an even count the lower of the two middle ones. */
export const median = (values: readonly number[]): number => percentile(values, 50);
