/** The typed one-time code with which the first administrator is made. It is printed, never put in a link. */
import { createHash, randomInt, timingSafeEqual } from 'node:crypto';
import type { MachineTime } from '@hall/contracts';

/** No 0 O 1 I L: nothing that is read for something else. */
const ALPHABET = '23456789ABCDEFGHJKMNPQRSTUVWXYZ';
export const CODE_LIFE_MS = 10 * 60_000;
const WRONG_TRIES = 5;

const draw = (length: number) => Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
/** Case, spaces and hyphens do not matter to somebody who types. */
const digest = (typed: string) => createHash('sha256').update(typed.toUpperCase().replaceAll(/[\s-]/g, '')).digest();

export interface BootstrapCode {
  /** Makes new codes as old ones run out, until `signal` aborts or the code was used up by `close`. */
  run(signal: AbortSignal): Promise<void>;
  /**
   * True once for the right code while it lives; the code is then spent until `restore`. The fifth wrong try replaces the code.
   */
  take(typed: string): boolean;
  /** Gives a new code after a take that led to nothing. */
  restore(): void;
  /** The first administrator exists: no code is valid any more. */
  close(): void;
}

/** `announce` gets every new code, e.g. `K7MX-3QPA`; life is {@link CODE_LIFE_MS} of machine time. */
export function createBootstrapCode(time: MachineTime, announce: (code: string) => void): BootstrapCode {
  let current: { readonly digest: Buffer; readonly untilMs: number } | undefined;
  let wrong = 0;
  let closed = false;

  const renew = () => {
    if (closed) return;
    const code = `${draw(4)}-${draw(4)}`;
    current = { digest: digest(code), untilMs: time.nowMs() + CODE_LIFE_MS };
    wrong = 0;
    announce(code);
  };

  return {
    async run(signal) {
      renew();
      while (!closed && !signal.aborted) {
        const waitMs = current ? Math.max(0, current.untilMs - time.nowMs()) : CODE_LIFE_MS;
        try {
          await time.sleep(waitMs, signal);
        } catch {
          return;
        }
        if (current && current.untilMs <= time.nowMs()) renew();
      }
    },
    take(typed) {
      if (!current || current.untilMs <= time.nowMs()) return false;
      if (timingSafeEqual(current.digest, digest(typed))) {
        current = undefined;
        return true;
      }
      wrong += 1;
      if (wrong >= WRONG_TRIES) renew();
      return false;
    },
    restore: renew,
    close() {
      closed = true;
      current = undefined;
    },
  };
}
