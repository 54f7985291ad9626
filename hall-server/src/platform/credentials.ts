/** Credentials of machines (agents, platforms): made here, random, shown once, kept only as a scrypt hash. */
import { createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify<string | Uint8Array, Uint8Array, number, { N: number; r: number; p: number }, Buffer>(scrypt);
/** 4 MiB and a few milliseconds: the secret is random, so only a stolen database has to be made useless. */
const COST = { N: 4096, r: 8, p: 1 };
const HASH_BYTES = 32;

/** 256 random bits, safe in URLs and files. */
export const newCredential = (): string => randomBytes(32).toString('base64url');

export async function hashCredential(password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt, HASH_BYTES, COST);
  return `scrypt$${COST.N}$${salt.toString('base64')}$${hash.toString('base64')}`;
}

async function matches(password: Uint8Array, stored: string): Promise<boolean> {
  const [kind, cost = '', salt = '', hash = ''] = stored.split('$');
  if (kind !== 'scrypt') return false;
  const expected = Buffer.from(hash, 'base64');
  const found = await derive(password, Buffer.from(salt, 'base64'), expected.length, { ...COST, N: Number(cost) });
  return timingSafeEqual(found, expected);
}

/** Longest password looked at, bytes. */
const MAX_PASSWORD = 256;
/** Credentials remembered as good; more than one hall has. */
const REMEMBERED = 10_000;
/** Derivations at one time; beyond that a stranger could keep every core busy. */
const CONCURRENT = 8;
const QUEUED = 2000;

export interface CredentialCheck {
  /** Whether the password is the one behind `stored`; quick when it was good before. Never throws; false when overloaded. */
  (password: Uint8Array, stored: string): Promise<boolean>;
}

/** `queued`: guesses that wait at most; further ones are answered false at once. */
export function credentialCheck({ queued = QUEUED }: { readonly queued?: number } = {}): CredentialCheck {
  const secret = randomBytes(32);
  const good = new Set<string>();
  const waiting: Array<() => void> = [];
  let running = 0;
  return async (password, stored) => {
    if (password.length > MAX_PASSWORD) return false;
    const mark = createHmac('sha256', secret).update(stored).update('\0').update(password).digest('base64');
    if (good.has(mark)) return true;
    if (running >= CONCURRENT) {
      if (waiting.length >= queued) return false;
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
      });
    }
    running += 1;
    try {
      const right = await matches(password, stored);
      if (right && good.size < REMEMBERED) good.add(mark);
      return right;
    } finally {
      running -= 1;
      waiting.shift()?.();
    }
  };
}
