/**
 * Keys that live beside the database, never in it: `<data>/keys/master.key` for secrets and quarantined bodies, and one key per
 * day for personal fields. Destroying a day's key destroys what was stored under it, backups of the database included.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const DAY_MS = 86_400_000;

/** AES-256-GCM; the result is nonce, tag, ciphertext. `label` binds the text to its place and is needed to open it. */
export function seal(key: Uint8Array, label: string, text: Uint8Array): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(label));
  const sealed = Buffer.concat([cipher.update(text), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
}

/** @throws Error if the key, the label or a byte is another. */
export function unseal(key: Uint8Array, label: string, sealed: Uint8Array): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(label))
    .setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
}

/** Written whole or not at all: a key that is half there would make everything under it unreadable. */
function createKey(path: string): Buffer {
  const key = randomBytes(KEY_BYTES);
  const temporary = `${path}.${randomBytes(4).toString('hex')}`;
  const file = openSync(temporary, 'wx', 0o600);
  writeSync(file, key);
  fsyncSync(file);
  closeSync(file);
  renameSync(temporary, path);
  return key;
}

const readKey = (path: string): Buffer | undefined => (existsSync(path) ? readFileSync(path) : undefined);

export interface Keys {
  readonly master: Buffer;
  /** Seals a personal field for the day of `atMs` (UTC days). */
  sealPersonal(atMs: number, text: string): Buffer;
  /** Undefined once the key of the day is destroyed. */
  unsealPersonal(atMs: number, sealed: Uint8Array): string | undefined;
  /** Destroys the keys of all days that ended before `beforeMs`; returns how many. */
  destroyBefore(beforeMs: number): number;
}

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** Opens the key folder of a data folder, creating it and the master key at the first start. */
export function openKeys(data: string): Keys {
  const folder = join(data, 'keys');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const masterPath = join(folder, 'master.key');
  const master = readKey(masterPath) ?? createKey(masterPath);
  const days = new Map<string, Buffer>();
  const pathOf = (day: string) => join(folder, `day-${day}.key`);
  const held = (day: string): Buffer | undefined => {
    const known = days.get(day) ?? readKey(pathOf(day));
    if (known) days.set(day, known);
    return known;
  };
  const begun = (day: string): Buffer => {
    // Whoever seals for a new day forgets the days before: their keys may be destroyed by somebody else.
    days.clear();
    const key = createKey(pathOf(day));
    days.set(day, key);
    return key;
  };
  return {
    master,
    sealPersonal: (atMs, text) => {
      const day = dayOf(atMs);
      return seal(held(day) ?? begun(day), `personal/${day}`, Buffer.from(text));
    },
    unsealPersonal: (atMs, sealed) => {
      const day = dayOf(atMs);
      const key = held(day);
      return key && unseal(key, `personal/${day}`, sealed).toString();
    },
    destroyBefore: (beforeMs) => {
      let destroyed = 0;
      for (const name of readdirSync(folder)) {
        const day = /^day-(\d{4}-\d{2}-\d{2})\.key$/.exec(name)?.[1];
        if (day === undefined || Date.parse(day) + DAY_MS > beforeMs) continue;
        rmSync(join(folder, name));
        days.delete(day);
        destroyed += 1;
      }
      return destroyed;
    },
  };
}
