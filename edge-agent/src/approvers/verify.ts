/** Whether content was approved by two different people whose keys were enrolled at this agent. No I/O; time is an argument. */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { HallError } from '@hall/contracts';

/** A public key that may approve content here. */
export interface ApproverKey {
  readonly name: string;
  /** SHA-256 of the DER form of the key. */
  readonly fingerprint: string;
  /** DER of the SubjectPublicKeyInfo, base64url. */
  readonly publicKey: string;
}

/** What an approver puts the signature under: this content, for this purpose, in this hall, in this time. */
export interface Approval {
  readonly purpose: string;
  readonly hall: string;
  /** Unix ms, inclusive. */
  readonly notBefore: number;
  /** Unix ms, exclusive. */
  readonly notAfter: number;
}
export interface Signature extends Approval {
  /** Fingerprint of the signing key. */
  readonly key: string;
  /** Ed25519, base64url. */
  readonly signature: string;
}

export interface Approved {
  /** Names of the approvers, sorted. */
  readonly by: readonly string[];
  /** The first of the approvals ends then, Unix ms. */
  readonly notAfter: number;
}

/** How many different people must have signed. */
export const APPROVERS_NEEDED = 2;

export const fingerprintOf = (der: Uint8Array): string => `SHA256:${createHash('sha256').update(der).digest('base64url')}`;

/** The exact bytes under a signature. Line by line, with nothing that could be read in two ways: names hold no line breaks. */
export function approvalBytes(content: Uint8Array, { purpose, hall, notBefore, notAfter }: Approval): Uint8Array {
  const digest = createHash('sha256').update(content).digest('hex');
  return Buffer.from(['hall-control approval 1', purpose, hall, notBefore, notAfter, digest, ''].join('\n'));
}

export interface Expected {
  readonly purpose: string;
  readonly hall: string;
  /** Unix ms. */
  readonly nowMs: number;
}

type Refusal =
  | 'unsigned'
  | 'key_unknown'
  | 'wrong_purpose'
  | 'wrong_hall'
  | 'not_valid_now'
  | 'signature_wrong'
  | 'too_few_approvers';
const refuse = (reason: Refusal, details: Record<string, unknown> = {}): never => {
  throw new HallError('APPROVAL_REFUSED', { reason, ...details });
};

/**
 * Every signature must hold: one that does not is a sign that somebody tried, and nothing of such content is shown.
 * @throws HallError APPROVAL_REFUSED `{reason}`.
 */
export function verifyApproved(
  content: Uint8Array,
  signatures: readonly Signature[],
  keys: readonly ApproverKey[],
  { purpose, hall, nowMs }: Expected,
): Approved {
  if (signatures.length === 0) refuse('unsigned');
  const names = new Set<string>();
  const used = new Set<string>();
  for (const given of signatures) {
    const key = keys.find(({ fingerprint }) => fingerprint === given.key);
    if (!key) return refuse('key_unknown', { key: given.key });
    if (given.purpose !== purpose) refuse('wrong_purpose', { key: given.key });
    if (given.hall !== hall) refuse('wrong_hall', { key: given.key });
    if (!(nowMs >= given.notBefore && nowMs < given.notAfter)) refuse('not_valid_now', { key: given.key });
    if (!isSignedBy(key, approvalBytes(content, given), given.signature)) refuse('signature_wrong', { key: given.key });
    names.add(key.name);
    used.add(key.fingerprint);
  }
  if (Math.min(names.size, used.size) < APPROVERS_NEEDED) refuse('too_few_approvers');
  return { by: [...names].toSorted(), notAfter: Math.min(...signatures.map(({ notAfter }) => notAfter)) };
}

function isSignedBy({ publicKey, fingerprint }: ApproverKey, bytes: Uint8Array, signature: string): boolean {
  try {
    const der = Buffer.from(publicKey, 'base64url');
    if (fingerprintOf(der) !== fingerprint) return false;
    return verify(null, bytes, createPublicKey({ key: der, format: 'der', type: 'spki' }), Buffer.from(signature, 'base64url'));
  } catch {
    return false;
  }
}
