/** The agent's half of enrolment: it asks, shows its code, and fetches what a person has decided. Whoever asks is a stranger. */
import { createPublicKey, randomBytes, randomUUID, verify } from 'node:crypto';
import {
  HallError,
  keyChangeText,
  proofText,
  type BrokerAddress,
  type Clock,
  type EnrolmentAnswer,
  type EnrolmentProof,
  type EnrolmentRequest,
  type EnrolmentTicket,
} from '@hall/contracts';
import { shortCode } from '@hall/runtime';
import type { Static } from 'typebox';
import type { Authority } from '../../platform/ca/authority.ts';
import type { TlsKeeper } from '../../platform/ca/tls-material.ts';
import { factsOf, readRequest } from '../../platform/ca/x509.ts';
import type { Writer } from '../../platform/store/writer.ts';
import { speaks } from './rules.ts';
import type { EnrolmentStore } from './store.ts';

/** A request is noted as alive no more often than this, ms: an agent asks every two seconds. */
const HEARD_MS = 60_000;
/** Nonces kept; an agent whose nonce is forgotten asks anew. */
const MOST_NONCES = 2000;
/** Requests that wait for their code to be made; one is made at a time, it takes some megabytes and milliseconds. */
const MOST_WAITING = 400;

export interface Requests {
  /** @throws HallError NOT_FOUND without mqtts, KEY_REFUSED, ENROLMENT_FULL, OVERLOADED. */
  ask(request: EnrolmentRequest, address: string): Promise<EnrolmentTicket>;
  /** @throws HallError ENROLMENT_UNKNOWN, KEY_REFUSED. */
  fetch(id: string, proof: Static<typeof EnrolmentProof>): Promise<EnrolmentAnswer>;
}

export interface RequestsOptions {
  readonly hall: string;
  readonly clock: Clock;
  readonly store: EnrolmentStore;
  readonly writer: Pick<Writer, 'call'>;
  readonly authority: Authority;
  readonly tls: Pick<TlsKeeper, 'trust'>;
  readonly broker: () => Static<typeof BrokerAddress> | undefined;
  /** A key was admitted because the one before signed for it. */
  readonly keyChanged: (agent: string) => void;
}

const signedBy = (publicKey: string, text: string, signature: string): boolean => {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' });
    return verify('sha256', Buffer.from(text), key, Buffer.from(signature, 'base64'));
  } catch {
    return false;
  }
};

export function createRequests(options: RequestsOptions): Requests {
  const { hall, clock, store, writer, authority, tls, broker, keyChanged } = options;
  const nonces = new Map<string, string>();
  let coding = 0;
  let last: Promise<unknown> = Promise.resolve();

  const newNonce = (id: string): string => {
    const nonce = randomBytes(18).toString('base64url');
    nonces.delete(id);
    nonces.set(id, nonce);
    const oldest = nonces.size > MOST_NONCES ? nonces.keys().next().value : undefined;
    if (oldest !== undefined) nonces.delete(oldest);
    return nonce;
  };
  const codeOfKey = async (fingerprint: string): Promise<string> => {
    if (coding >= MOST_WAITING) throw new HallError('OVERLOADED');
    coding += 1;
    const made = last.then(() => shortCode(fingerprint));
    last = made.catch(() => {});
    try {
      return await made;
    } finally {
      coding -= 1;
    }
  };
  let trusted: { readonly pem: string; readonly code: string } | undefined;
  const trustCode = async (): Promise<string> => {
    const pem = tls.trust;
    if (trusted?.pem !== pem) trusted = { pem, code: await shortCode(factsOf(pem).fingerprint) };
    return trusted.code;
  };
  /** The key of the agent that has signed for the next one. */
  const signerOf = (agent: string, next: string, signature: string): string => {
    const text = keyChangeText(hall, agent, next);
    const signer = store
      .keysOf(agent)
      .find(({ fingerprint, public_key }) => !authority.revoked.has(fingerprint) && signedBy(public_key, text, signature));
    if (!signer) throw new HallError('KEY_REFUSED', { field: '/signature' });
    return signer.fingerprint;
  };

  return {
    ask: async ({ csr, wish, host, version, keyOf, signature }, address) => {
      if (!broker()) throw new HallError('NOT_FOUND', { field: '/mqtts' });
      const request = await readRequest(csr);
      if (!request) throw new HallError('INPUT_INVALID', { field: '/csr', expected: 'a PKCS #10 request with a P-256 key' });
      const { keyFingerprint: fingerprint, publicKey } = request;
      if (authority.revoked.has(fingerprint)) throw new HallError('KEY_REFUSED', { field: '/csr' });
      const known = store.key(fingerprint);
      const changeOf =
        keyOf === undefined || known ? null : { agent: keyOf, signedBy: signerOf(keyOf, fingerprint, signature ?? '') };
      const code = await codeOfKey(fingerprint);
      const row = await writer.call('enrolment.ask', {
        id: randomUUID(),
        fingerprint,
        publicKey,
        code,
        wish: wish ?? null,
        host,
        version,
        address,
        changeOf,
      });
      if (changeOf) keyChanged(changeOf.agent);
      return { id: row.id, code: row.code, trust: tls.trust, trustCode: await trustCode(), nonce: newNonce(row.id) };
    },

    fetch: async (id, { nonce, signature }) => {
      const row = store.request(id);
      const expected = nonces.get(id);
      if (!row || expected === undefined) throw new HallError('ENROLMENT_UNKNOWN', { field: '/id' });
      if (nonce !== expected || !signedBy(row.public_key, proofText(hall, id, nonce), signature)) {
        throw new HallError('KEY_REFUSED', { field: '/signature' });
      }
      if (row.state === 'rejected') return { state: 'rejected' };
      if (row.state === 'waiting' || row.agent === null) {
        if (clock.wall.nowMs() - row.heard_at > HEARD_MS) await writer.call('enrolment.heard', { id });
        return { state: 'waiting', nonce: newNonce(id) };
      }
      const key = store.key(row.fingerprint);
      const address = broker();
      if (!key || !speaks(key.state) || authority.revoked.has(row.fingerprint)) throw new HallError('KEY_REFUSED');
      if (!address) throw new HallError('NOT_FOUND', { field: '/mqtts' });
      const certificate = await authority.issueAgent(key.agent, key.public_key);
      await writer.call('enrolment.issued', { fingerprint: row.fingerprint, until: factsOf(certificate).until });
      return { state: 'admitted', agent: key.agent, certificate, trust: tls.trust, broker: address };
    },
  };
}
