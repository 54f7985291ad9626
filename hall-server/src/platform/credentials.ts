/** Credentials of machines (agents, platforms): made here, random, shown once, kept only as a salted hash. */
import { createHash, createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify<string | Uint8Array, Uint8Array, number, { N: number; r: number; p: number }, Buffer>(scrypt);
/** Of hashes that earlier releases wrote. */
const COST = { N: 4096, r: 8, p: 1 };

/** 256 random bits, safe in URLs and files. */
export const newCredential = (): string => randomBytes(32).toString('base64url');

const digest = (password: string | Uint8Array, salt: Uint8Array): Buffer =>
  createHash('sha256').update(salt).update(password).digest();

/**
 * One round of SHA-256: nobody guesses 256 random bits, so a slow hash would add nothing, and a thousand agents that come back at once
 * would wait seconds for it.
 */
export async function hashCredential(password: string): Promise<string> {
  const salt = randomBytes(16);
  return `sha256$${salt.toString('base64')}$${digest(password, salt).toString('base64')}`;
}

/** At once, or undefined when the hash is of an earlier release. */
function matchesNow(password: Uint8Array, stored: string): boolean | undefined {
  const [kind, salt = '', hash = ''] = stored.split('$');
  if (kind === 'scrypt') return undefined;
  const expected = Buffer.from(hash, 'base64');
  const found = digest(password, Buffer.from(salt, 'base64'));
  return kind === 'sha256' && expected.length === found.length && timingSafeEqual(found, expected);
}

async function matchesSlowly(password: Uint8Array, stored: string): Promise<boolean> {
  const [, cost = '', salt = '', hash = ''] = stored.split('$');
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
    const known = matchesNow(password, stored);
    if (known !== undefined) return known;
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
      const right = await matchesSlowly(password, stored);
      if (right && good.size < REMEMBERED) good.add(mark);
      return right;
    } finally {
      running -= 1;
      waiting.shift()?.();
    }
  };
}
