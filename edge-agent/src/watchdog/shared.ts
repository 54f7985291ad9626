/** What the watching thread and the watched one share, by index of an `Int32Array`. */

/** Grows with every beat of the loop. */
export const BEAT = 0;
/** Longest standstill not yet reported, ms. */
export const WORST = 1;
/** Standstills of a second or more. */
export const STALLS = 2;
/** Not 0: the process ends on purpose. */
export const ENDING = 3;

/** Between two beats, ms. */
export const BEAT_MS = 500;
