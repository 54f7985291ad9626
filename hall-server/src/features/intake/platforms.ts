/** The platforms that may send events: their rows, with secrets unsealed. */
import { createSecretKey, type KeyObject } from 'node:crypto';
import type { MachineTime } from '@hall/contracts';
import { seal, unseal } from '../../platform/keys.ts';
import type { Signer } from './signature.ts';
import type { PlatformStore } from './store.ts';

export interface Platform extends Signer {
  readonly sources: ReadonlySet<string>;
  /** The same as JSON array, as it travels to the writer. */
  readonly sourcesJson: string;
  readonly keys: readonly KeyObject[];
}

export interface Platforms {
  all(): readonly Platform[];
  get(id: string): Platform | undefined;
  /** Hash of its MQTT credential. */
  mqttHash(id: string): string | undefined;
  /** Reads the rows again before the next use. */
  forget(): void;
  /** As `forget`, at most once a second: another process may have changed the rows, and a stranger may be guessing. */
  suspect(): void;
}

const PREFIX = 'whsec_';
const SUSPECT_MS = 1000;
const label = (id: string) => `platform/${id}`;

/** A signing secret as it is shown (`whsec_…`), sealed for the store. */
export const sealSecret = (master: Uint8Array, platform: string, secret: string): string =>
  seal(master, label(platform), Buffer.from(secret.slice(PREFIX.length), 'base64')).toString('base64');

/** A new signing secret in the form of Standard Webhooks: `whsec_` and 32 random bytes in base64. */
export const showSecret = (bytes: Uint8Array): string => PREFIX + Buffer.from(bytes).toString('base64');

export function createPlatforms(store: PlatformStore, master: Uint8Array, machine: MachineTime): Platforms {
  let held: readonly Platform[] | undefined;
  let readAt = Number.NEGATIVE_INFINITY;
  const all = (): readonly Platform[] => {
    if (held) return held;
    readAt = machine.nowMs();
    held = store.all().map(({ id, sources, secrets }) => ({
      id,
      sources: new Set(sources),
      sourcesJson: JSON.stringify(sources),
      keys: secrets.map((sealed) => createSecretKey(unseal(master, label(id), Buffer.from(sealed, 'base64')))),
    }));
    return held;
  };
  return {
    all,
    get: (id) => all().find((platform) => platform.id === id),
    mqttHash: (id) => store.get(id)?.mqttHash,
    forget: () => {
      held = undefined;
    },
    suspect: () => {
      if (machine.nowMs() - readAt >= SUSPECT_MS) held = undefined;
    },
  };
}
