/** Admits platforms: makes their secrets, shows each once. */
import { randomBytes } from 'node:crypto';
import { HallError } from '@hall/contracts';
import { hashCredential, newCredential } from '../../platform/credentials.ts';
import type { Writer } from '../../platform/store/writer.ts';
import { SYSTEM, type Asker } from '../audit/chain.ts';
import { sealSecret, showSecret } from './platforms.ts';
import type { PlatformStore } from './store.ts';

/** Secrets valid at one time: the newest and those it replaces. */
const MAX_SECRETS = 3;
const SECRET_BYTES = 32;

export interface PlatformSecret {
  readonly platform: string;
  readonly sources: readonly string[];
  /** Signing secret of Standard Webhooks, `whsec_…`. */
  readonly secret: string;
  /** Password of its MQTT user; the user is the platform id. */
  readonly mqttPassword: string;
}

/** `asker` is the person of the audit row; the server itself if left out. */
export interface Admission {
  /** @throws HallError NAME_TAKEN if a platform or agent has the id. */
  add(id: string, sources: readonly string[], asker?: Asker): Promise<PlatformSecret>;
  /** A new signing secret; the two before it stay valid. @throws HallError NOT_FOUND. */
  rotate(id: string, asker?: Asker): Promise<{ readonly platform: string; readonly secret: string }>;
  /** @throws HallError NOT_FOUND. */
  remove(id: string, asker?: Asker): Promise<void>;
  list(): ReadonlyArray<{ readonly platform: string; readonly sources: readonly string[]; readonly secrets: number }>;
}

export function createAdmission(store: PlatformStore, writer: Pick<Writer, 'call'>, master: Uint8Array): Admission {
  const newSecret = () => showSecret(randomBytes(SECRET_BYTES));
  return {
    add: async (id, sources, asker = SYSTEM) => {
      if (store.get(id)) throw new HallError('NAME_TAKEN', { field: '/id' });
      const secret = newSecret();
      const mqttPassword = newCredential();
      await writer.call('platforms.put', {
        ...asker,
        act: 'add',
        id,
        sources,
        secrets: [sealSecret(master, id, secret)],
        mqttHash: await hashCredential(mqttPassword),
      });
      return { platform: id, sources, secret, mqttPassword };
    },
    rotate: async (id, asker = SYSTEM) => {
      const row = store.get(id);
      if (!row) throw new HallError('NOT_FOUND', { field: '/id' });
      const secret = newSecret();
      const secrets = [sealSecret(master, id, secret), ...row.secrets].slice(0, MAX_SECRETS);
      await writer.call('platforms.put', { ...row, ...asker, act: 'rotate', secrets });
      return { platform: id, secret };
    },
    remove: (id, asker = SYSTEM) => writer.call('platforms.remove', { ...asker, id }),
    list: () => store.all().map(({ id, sources, secrets }) => ({ platform: id, sources, secrets: secrets.length })),
  };
}
