/** Passwords: hashing, checking, what is too weak, and generated ones. */
import { randomInt } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { HallError } from '@hall/contracts';

/** argon2id (the default of the package), 19 MiB, two passes. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** Hashing at once and waiting; each takes about 20 ms and 19 MiB. */
const AT_ONCE = 3;
const WAITING = 48;

export interface Passwords {
  hash(password: string): Promise<string>;
  /** Without a hash (unknown name) it does the same work and answers false. */
  matches(password: string, passwordHash: string | undefined): Promise<boolean>;
}

/** A password hasher that never does more than a few at once; throws OVERLOADED when too many wait. */
export function createPasswords(): Passwords {
  let busy = 0;
  const queue: (() => void)[] = [];
  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    if (busy >= AT_ONCE) {
      if (queue.length >= WAITING) throw new HallError('OVERLOADED', { retryAfterS: 2 });
      await new Promise<void>((resolve) => {
        queue.push(resolve);
      });
    } else busy += 1;
    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next) next();
      else busy -= 1;
    }
  };
  let nobody: Promise<string> | undefined;
  return {
    hash: (password) => inTurn(() => hash(password.normalize('NFC'), COST)),
    async matches(password, passwordHash) {
      nobody ??= hash('nobody has this password', COST);
      const against = passwordHash ?? (await nobody);
      const right = await inTurn(() => verify(against, password.normalize('NFC')));
      return right && passwordHash !== undefined;
    },
  };
}

/** Words around which people build guessable passwords. */
const COMMON = [
  'password',
  'passwort',
  'passw',
  'admin',
  'administrator',
  'root',
  'guest',
  'user',
  'login',
  'welcome',
  'letmein',
  'qwerty',
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'qazwsx',
  'qazwsxedc',
  'iloveyou',
  'woaini',
  'monkey',
  'dragon',
  'sunshine',
  'princess',
  'football',
  'baseball',
  'superman',
  'batman',
  'master',
  'shadow',
  'michael',
  'charlie',
  'abc',
  'abcd',
  'abcdef',
  'secret',
  'changeme',
  'default',
  'system',
  'manager',
  'test',
  'temp',
  'hello',
  'china',
  'beijing',
  'shanghai',
  'huawei',
  'taobao',
  'alibaba',
  'zhongguo',
  'hall',
  'hallcontrol',
  'dating',
  'zhengwu',
  'zwfw',
  'zwdt',
  'mima',
  'abcabc',
  'aaaa',
  'a',
  'aa',
  'q',
  'qwe',
  'qweasd',
  'qweasdzxc',
  'asd',
  'zxc',
  'wo',
  'q1w2e3r4',
  'q1w2e3r4t5',
  '1q2w3e4r',
  '1q2w3e4r5t',
  '1qaz2wsx',
  '1qaz2wsx3edc',
];
const RUNS = ['01234567890123456789', '98765432109876543210', 'abcdefghijklmnopqrstuvwxyz', 'qwertyuiopasdfghjklzxcvbnm'];
const LOOKALIKES: Record<string, string> = {
  '@': 'a',
  '4': 'a',
  '0': 'o',
  '1': 'i',
  '!': 'i',
  $: 's',
  '5': 's',
  '3': 'e',
  '7': 't',
};
const common = new Set(COMMON);

const core = (text: string) => text.replaceAll(/^\P{L}+|\P{L}+$/gu, '');
const plain = (text: string) => text.replaceAll(/[@40!1$537]/g, (character) => LOOKALIKES[character] ?? character);

/**
 * Throws PASSWORD_WEAK for a password that a guesser tries early: too short, few different characters, digits only up to 14,
 * a common word with digits or signs around it, a keyboard run, or the person's own name.
 */
export function refuseWeak(password: string, name: string): void {
  const lower = password.normalize('NFC').toLowerCase();
  const doubled = lower.length % 2 === 0 && lower.slice(0, lower.length / 2) === lower.slice(lower.length / 2);
  const words = [
    lower,
    core(lower),
    plain(lower),
    core(plain(lower)),
    plain(core(lower)),
    doubled ? lower.slice(0, lower.length / 2) : lower,
  ];
  const weak =
    lower.length < 10 ||
    new Set(lower).size < 5 ||
    /^\d{1,14}$/.test(lower) ||
    RUNS.some((run) => run.includes(lower)) ||
    words.some((word) => common.has(word) || word === '' || core(word) === name) ||
    (lower.includes(name) && name.length >= 4);
  if (weak)
    throw new HallError('PASSWORD_WEAK', { field: '/password', expected: '10 characters or more, not a common word or a name' });
}

const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789';
/** A password of about 79 bits in four groups, e.g. `k7mx-3qpa-9dtw-hc4e`; good to read out once. */
export const generatePassword = (): string =>
  Array.from({ length: 4 }, () => Array.from({ length: 4 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')).join('-');
