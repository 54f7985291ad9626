/** Drops what was left empty, so that optional words are absent rather than empty. */
export const filled = <T extends object>(row: T): T =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined && value !== null && value !== '')) as T;
