/** Refuses work before memory grows: counts what was taken in and is not yet answered. Pure. */
import { HallError } from '@hall/contracts';

export interface LoadLimits {
  readonly requests: number;
  readonly bytes: number;
}

/** What waits for a commit at most; with these the server stays far below 100 MB of intake. */
export const INTAKE_LIMITS: LoadLimits = { requests: 4096, bytes: 32 * 1024 * 1024 };

export interface LoadLimit {
  /** Takes a request of that size and returns what gives it back. @throws HallError OVERLOADED with `retryAfterS`. */
  enter(bytes: number): () => void;
}

export function loadLimit(limits: LoadLimits): LoadLimit {
  let requests = 0;
  let bytes = 0;
  return {
    enter: (size) => {
      if (requests + 1 > limits.requests || (requests > 0 && bytes + size > limits.bytes)) {
        throw new HallError('OVERLOADED', { retryAfterS: 1 });
      }
      requests += 1;
      bytes += size;
      let left = false;
      return () => {
        if (left) return;
        left = true;
        requests -= 1;
        bytes -= size;
      };
    },
  };
}
