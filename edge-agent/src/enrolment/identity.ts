/** Who this agent is once it was admitted: key, certificate and whom it trusts, in one file that only it may read. */
import { X509Certificate, createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { HallError, Id } from '@hall/contracts';
import { writeDurably } from '@hall/runtime';
import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';

const Pem = Type.String({ minLength: 1, maxLength: 16_384 });
const KeyPair = Type.Object({ key: Pem, certificate: Pem });
export const Identity = Type.Object({
  agent: Id,
  hall: Id,
  key: Pem,
  certificate: Pem,
  /** Authorities the broker is judged by. */
  trust: Pem,
  broker: Type.Object({ host: Type.Optional(Type.String()), port: Type.Integer() }),
  /** What was good before: a server put back from a backup knows only that. */
  previous: Type.Optional(KeyPair),
});
export type Identity = Static<typeof Identity>;

const IDENTITY = 'identity.json';
const NEXT = 'next.key';

export interface IdentityFiles {
  /** Undefined until the agent was admitted. @throws HallError CONFIG_INVALID if the file is damaged. */
  read(): Identity | undefined;
  /** Keeps it durably; the key that was asked for is then part of it. */
  keep(identity: Identity): void;
  /** The key that is being asked for: the same after a restart, so that the code stays. */
  nextKey(): string | undefined;
  keepNextKey(pem: string): void;
}

export function identityFiles(data: string): IdentityFiles {
  mkdirSync(data, { recursive: true });
  const at = (name: string) => path.join(data, name);
  const read = (name: string) => (existsSync(at(name)) ? readFileSync(at(name), 'utf8') : undefined);
  return {
    read: () => {
      const text = read(IDENTITY);
      if (text === undefined) return undefined;
      let value: unknown;
      try {
        value = JSON.parse(text);
      } catch {
        value = undefined;
      }
      if (!Value.Check(Identity, value)) {
        throw new HallError('CONFIG_INVALID', { field: '(identity)', reason: 'the file is damaged', file: at(IDENTITY) });
      }
      return value;
    },
    keep: (identity) => {
      writeDurably(at(IDENTITY), JSON.stringify(identity));
      rmSync(at(NEXT), { force: true });
    },
    nextKey: () => read(NEXT),
    keepNextKey: (pem) => writeDurably(at(NEXT), pem),
  };
}

/** SHA-256 over the first certificate of a PEM text. @throws Error if there is none. */
export const certificateFingerprint = (pem: string): string =>
  createHash('sha256').update(new X509Certificate(pem).raw).digest('hex');

/** When a certificate is to be renewed: after two thirds of its life, spread so that a fleet of one day does not come at once. */
export function renewalAt(certificate: string, spread: number): number {
  const { validFrom, validTo } = new X509Certificate(certificate);
  const [from, until] = [Date.parse(validFrom), Date.parse(validTo)];
  return from + ((until - from) * 2) / 3 + ((until - from) / 12) * spread;
}
