/**
 * Keys that may sign what this agent is updated from: PEM files in `update-keys/` beside the configuration, put there on the machine
 * itself (`hall-agent updates trust`) and never by the server.
 */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { HallError } from '@hall/contracts';
import { writeDurably } from '@hall/runtime';
import { fingerprintOf } from '../approvers/verify.ts';
import type { TrustedKey } from './manifest.ts';

const FOLDER = 'update-keys';
const ENDING = '.pem';
const NAME = /^[\p{L}\p{N}][\p{L}\p{N}_-]{0,63}$/u;

export const keyFolder = (configFile: string): string => path.join(path.dirname(path.resolve(configFile)), FOLDER);

const derOf = (key: KeyObject) => key.export({ type: 'spki', format: 'der' });

/** @throws HallError UPDATE_KEY_INVALID `{field, reason}`. A private key is refused: it has no business on this machine. */
function keyOf(name: string, pem: string): TrustedKey {
  const refuse = (field: string, reason: string, cause?: unknown): never => {
    throw new HallError('UPDATE_KEY_INVALID', { field, reason }, cause);
  };
  if (!NAME.test(name)) refuse('name', 'must be 1 to 64 letters, digits, - and _');
  if (/PRIVATE KEY/.test(pem)) refuse('key', 'is a private key; give the public one');
  try {
    const key = createPublicKey(pem);
    if (key.asymmetricKeyType !== 'ed25519') return refuse('key', 'is not an Ed25519 key');
    return { name, fingerprint: fingerprintOf(derOf(key)), key };
  } catch (error) {
    if (error instanceof HallError) throw error;
    return refuse('key', 'is not a PEM public key', error);
  }
}

/** All that are trusted; a file that holds no key is passed over. */
export function trustedKeys(folder: string): TrustedKey[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names
    .filter((name) => name.endsWith(ENDING))
    .toSorted()
    .flatMap((name) => {
      try {
        return [keyOf(name.slice(0, -ENDING.length), readFileSync(path.join(folder, name), 'utf8'))];
      } catch {
        return [];
      }
    });
}

/** @throws HallError UPDATE_KEY_INVALID, also for a name or key that is there already. */
export function trustKey(folder: string, name: string, pem: string): TrustedKey {
  const key = keyOf(name, pem);
  for (const held of trustedKeys(folder)) {
    const field = held.name === name ? 'name' : held.fingerprint === key.fingerprint ? 'key' : undefined;
    if (field !== undefined) throw new HallError('UPDATE_KEY_INVALID', { field, reason: 'is there already' });
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  writeDurably(path.join(folder, `${name}${ENDING}`), key.key.export({ type: 'spki', format: 'pem' }));
  return key;
}

/** By name or fingerprint. @throws HallError UPDATE_KEY_INVALID when there is none. */
export function distrustKey(folder: string, which: string): void {
  const held = trustedKeys(folder).find(({ name, fingerprint }) => name === which || fingerprint === which);
  if (!held) throw new HallError('UPDATE_KEY_INVALID', { field: 'name', reason: 'is not trusted' });
  rmSync(path.join(folder, `${held.name}${ENDING}`));
}
