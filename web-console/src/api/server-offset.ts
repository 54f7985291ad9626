let offsetMs = 0;

/** Learns from the `Date` header of a reply how far the server's clock is from the browser's. */
export function learnServerOffset(dateHeader: string | null, receivedAtMs: number): void {
  const serverMs = dateHeader === null ? Number.NaN : Date.parse(dateHeader);
  if (Number.isNaN(serverMs)) return;
  const offset = serverMs - receivedAtMs;
  // The header has whole seconds; smaller differences are its rounding.
  offsetMs = Math.abs(offset) < 2000 ? 0 : offset;
}

/** Server clock minus browser clock, ms. */
export const serverOffset = (): number => offsetMs;
