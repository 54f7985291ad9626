/** What is told while something is being read. */
import type { Changes } from '@hall/contracts';

const readings = new Set<Changes[]>();

/** A message has arrived. */
export const noteChanges = (changes: Changes): void => readings.forEach((reading) => reading.push(changes));

/**
 * Reads, and puts every message that arrived meanwhile on the answer, in order: the answer may be older than they are, and
 * they are not told twice. One that is older than the answer does no harm, for the newer one is already on its way.
 */
export async function readWhileTold<T>(read: () => Promise<T>, put: (answer: T, changes: Changes) => T): Promise<T> {
  const meanwhile: Changes[] = [];
  readings.add(meanwhile);
  try {
    return meanwhile.reduce(put, await read());
  } finally {
    readings.delete(meanwhile);
  }
}
