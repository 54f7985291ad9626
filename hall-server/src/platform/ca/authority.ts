/**
 * The certificate authority of a hall: made at the first start, kept in the data folder. `<data>/keys/ca.key` is sealed with the
 * master key, `<data>/ca/ca.crt` is for everybody. It signs agents and the server, and nobody else trusts it.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { HallTime } from '@hall/contracts';
import { appendDurably, writeDurably } from '@hall/runtime';
import { seal, unseal } from '../keys.ts';
import { canonical, factsOf, issue, issueWithKey, makeAuthority, type CertificateFacts, type Identity } from './x509.ts';

export const DAY_MS = 86_400_000;
const CA_DAYS = 20 * 365;
/** Of agents and of the server. */
export const LIFE_DAYS = 90;
/** Certificates begin so much earlier: clocks of machines without a battery are behind for a while. */
const EARLIER_MS = DAY_MS;

/** When a certificate is to be renewed: after two thirds of its life. */
export const renewalAt = ({ from, until }: Pick<CertificateFacts, 'from' | 'until'>): number =>
  from + Math.floor(((until - from) * 2) / 3);

/** Names and addresses this machine goes by. */
export const ownNames = (): string[] => {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));
  // A zone (`%eth0`) has no place in a certificate; link-local addresses need one.
  const usable = addresses.filter((address) => !address.includes('%') && !address.toLowerCase().startsWith('fe80:'));
  const host = hostname();
  return [...new Set(['localhost', ...(/^[a-z0-9.-]+$/i.test(host) ? [host] : []), '127.0.0.1', '::1', ...usable])];
};

export interface Authority {
  /** PEM. */
  readonly certificate: string;
  readonly facts: CertificateFacts;
  /** Signs a certificate for the public key (SPKI, base64) of an agent; PEM. */
  issueAgent(agent: string, publicKey: string): Promise<string>;
  /** The server's own key and certificate: the one at hand while it is young enough and names everything, else a new one. */
  serverIdentity(names: readonly string[]): Promise<Identity>;
  /** Fingerprints of keys that were revoked, whatever the database says: it may be an older one, put back. */
  readonly revoked: ReadonlySet<string>;
  /** Revokes for ever; on the disk when it returns. */
  revoke(fingerprints: readonly string[]): void;
  /** Looks whether another process has revoked. */
  rereadRevoked(): void;
}

export interface AuthorityOptions {
  readonly data: string;
  readonly master: Uint8Array;
  readonly hall: string;
  readonly wall: HallTime;
  /** Days a certificate of an agent is valid. */
  readonly agentDays?: number;
}

/** Opens the authority of a data folder, making it at the first start. */
export async function openAuthority({ data, master, hall, wall, agentDays = LIFE_DAYS }: AuthorityOptions): Promise<Authority> {
  const folder = join(data, 'ca');
  const keys = join(data, 'keys');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  mkdirSync(keys, { recursive: true, mode: 0o700 });
  const spanOf = (days: number) => ({ from: wall.nowMs() - EARLIER_MS, until: wall.nowMs() + days * DAY_MS });

  /** Keeps an identity under a name: the key first, so that a certificate is never without its key. */
  const keep = (name: string, { key, certificate }: Identity): void => {
    writeDurably(join(keys, `${name}.key`), seal(master, `certificate/${name}`, Buffer.from(key)));
    writeDurably(join(folder, `${name}.crt`), certificate, 0o644);
  };
  const kept = (name: string): Identity | undefined => {
    const [keyFile, file] = [join(keys, `${name}.key`), join(folder, `${name}.crt`)];
    if (!existsSync(keyFile) || !existsSync(file)) return undefined;
    return {
      key: unseal(master, `certificate/${name}`, readFileSync(keyFile)).toString(),
      certificate: readFileSync(file, 'utf8'),
    };
  };

  let authority = kept('ca');
  if (!authority) {
    authority = await makeAuthority(`Hall Control ${hall}`, spanOf(CA_DAYS));
    keep('ca', authority);
  }
  const root = authority;

  const list = join(folder, 'revoked');
  const revoked = new Set<string>();
  const rereadRevoked = () => {
    if (!existsSync(list)) return;
    for (const line of readFileSync(list, 'utf8').split('\n')) if (/^[0-9a-f]{64}$/.test(line)) revoked.add(line);
  };
  rereadRevoked();

  return {
    certificate: root.certificate,
    facts: factsOf(root.certificate),
    issueAgent: (agent, publicKey) => issue({ authority: root, name: agent, use: 'client', publicKey, span: spanOf(agentDays) }),
    serverIdentity: async (names) => {
      const held = kept('server');
      if (held) {
        const facts = factsOf(held.certificate);
        const named = names.every((name) => facts.names.includes(canonical(name)));
        if (named && wall.nowMs() < renewalAt(facts) && facts.from <= wall.nowMs()) return held;
      }
      const span = spanOf(LIFE_DAYS);
      const made = await issueWithKey({ authority: root, name: `Hall Control ${hall} server`, use: 'server', names, span });
      keep('server', made);
      return made;
    },
    revoked,
    revoke: (fingerprints) => {
      for (const fingerprint of fingerprints) {
        if (revoked.has(fingerprint)) continue;
        appendDurably(list, fingerprint);
        revoked.add(fingerprint);
      }
    },
    rereadRevoked,
  };
}
