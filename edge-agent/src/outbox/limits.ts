/** How large the outbox may grow and what goes first. Pure. */
export interface OutboxLimits {
  /** Above this many rows the oldest `screen.confirmed` give way to an `outbox.gap`; everything else is kept. */
  readonly softRows: number;
  /** Above this many rows the oldest of any type give way: the disk of a hall computer is not endless. */
  readonly hardRows: number;
}

/** About 200 bytes a row: 20 MB and 40 MB. */
export const defaultLimits: OutboxLimits = { softRows: 100_000, hardRows: 200_000 };

/** How many of the oldest rows to fold into gaps. A tenth at once, so that a full outbox is not rewritten with every record. */
export function overflow(count: number, { softRows, hardRows }: OutboxLimits): { drop: number; anyType: boolean } | undefined {
  if (count <= softRows) return undefined;
  const drop = Math.max(2, Math.ceil(softRows / 10));
  return { drop, anyType: count > hardRows };
}
