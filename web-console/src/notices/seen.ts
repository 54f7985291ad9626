/** Which notices were looked at in this browser. */
const KEY = 'hall.notices.seen';

/** Newest seq looked at; 0 where nothing is remembered. */
export function readSeen(): number {
  try {
    const seen = Number(localStorage.getItem(KEY));
    return Number.isSafeInteger(seen) && seen > 0 ? seen : 0;
  } catch {
    return 0;
  }
}
export function rememberSeen(seq: number): void {
  try {
    localStorage.setItem(KEY, String(seq));
  } catch {
    // A browser without storage counts again next time.
  }
}
/** How many rows are newer; a store that was restored begins to count anew. */
export const unseen = (rows: readonly { readonly seq: number }[], seen: number): number =>
  rows.filter(({ seq }) => seq > seen || seen > (rows[0]?.seq ?? 0)).length;
