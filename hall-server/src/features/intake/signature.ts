/** Standard Webhooks signatures (specification 1.0: headers, `v1` scheme): pure, over the raw bytes. */
import { createHmac, timingSafeEqual, type KeyObject } from 'node:crypto';
import { HallError } from '@hall/contracts';

/** How far the signature time may be from the wall clock, both ways, ms. */
export const TOLERANCE_MS = 5 * 60_000;

export type SignatureHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** A sender and its secrets; the newest first, all valid, so that secrets can be changed without a gap. */
export interface Signer {
  readonly id: string;
  readonly keys: readonly KeyObject[];
}

function header(headers: SignatureHeaders, name: 'webhook-id' | 'webhook-timestamp' | 'webhook-signature'): string {
  const value = headers[name];
  if (value === undefined || value === '') throw new HallError('SIGNATURE_MISSING', { field: name });
  if (typeof value !== 'string') throw new HallError('SIGNATURE_INVALID', { field: name, expected: 'one value' });
  return value;
}

/** What a request is signed as. */
export interface Signed<S> {
  readonly signer: S;
  readonly webhookId: string;
  /** End of the time in which the same signature would be accepted, Unix ms. */
  readonly expiresAt: number;
}

/**
 * Whose signature this is. Every secret of every signer is tried, whatever the outcome, so that the time taken does not tell
 * which one matched.
 * @throws HallError SIGNATURE_MISSING, SIGNATURE_EXPIRED, SIGNATURE_INVALID with the header as `field`.
 */
export function verifySignature<S extends Signer>(
  headers: SignatureHeaders,
  body: Uint8Array,
  signers: readonly S[],
  wallMs: number,
): Signed<S> {
  const webhookId = header(headers, 'webhook-id');
  const timestamp = header(headers, 'webhook-timestamp');
  const signatures = header(headers, 'webhook-signature');
  if (!/^[\x21-\x7e]{1,128}$/.test(webhookId)) {
    throw new HallError('SIGNATURE_INVALID', { field: 'webhook-id', expected: '1 to 128 printable characters' });
  }
  if (!/^[0-9]{1,12}$/.test(timestamp)) {
    throw new HallError('SIGNATURE_INVALID', { field: 'webhook-timestamp', expected: 'Unix time in seconds' });
  }
  const at = Number(timestamp) * 1000;
  if (Math.abs(wallMs - at) > TOLERANCE_MS) {
    throw new HallError('SIGNATURE_EXPIRED', { field: 'webhook-timestamp', expected: 'within 5 minutes of the time here' });
  }
  const given: Buffer[] = [];
  for (const signature of signatures.split(' ', 16)) {
    if (signature.startsWith('v1,')) given.push(Buffer.from(signature.slice(3), 'base64'));
  }
  const prefix = `${webhookId}.${timestamp}.`;
  let found: S | undefined;
  for (const signer of signers) {
    for (const key of signer.keys) {
      const expected = createHmac('sha256', key).update(prefix).update(body).digest();
      for (const candidate of given) {
        if (candidate.length === expected.length && timingSafeEqual(candidate, expected)) found ??= signer;
      }
    }
  }
  if (!found) throw new HallError('SIGNATURE_INVALID', { field: 'webhook-signature', expected: 'v1,<base64 of HMAC-SHA256>' });
  return { signer: found, webhookId, expiresAt: at + TOLERANCE_MS };
}

/** The `webhook-signature` of a body that this server sends. `secret` as it is shown (`whsec_…`); `atS` is Unix time in seconds. */
export function signatureOf(secret: string, id: string, atS: number, body: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${atS}.${body}`).digest('base64')}`;
}
