/** Makes a flood of refusals readable: each kind is told at its 1st, 2nd, 4th, 8th … occurrence. Bounded. */
const KINDS = 1000;

/** Returns how often the kind occurred if it is to be told now. */
export type RefusalLog = (kind: string) => number | undefined;

export function refusalLog(): RefusalLog {
  const counts = new Map<string, number>();
  return (kind) => {
    const key = counts.has(kind) || counts.size < KINDS ? kind : '';
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return (count & (count - 1)) === 0 ? count : undefined;
  };
}
