/** The approver keys of this agent: a file on its own machine, written by `hall-agent approver` and by nothing else. */
import { createPublicKey } from 'node:crypto';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { HallError } from '@hall/contracts';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { fingerprintOf, type ApproverKey } from './verify.ts';

export const APPROVERS_FILE = 'approvers.json';
const MOST_APPROVERS = 32;
const NAME = /^[^\p{C}\p{Z}][^\p{C}]{0,63}$/u;

const isFile = Compile(
  Type.Object(
    {
      version: Type.Literal(1),
      approvers: Type.Array(
        Type.Object(
          {
            name: Type.String({ minLength: 1, maxLength: 64 }),
            fingerprint: Type.String(),
            publicKey: Type.String({ maxLength: 200 }),
          },
          { additionalProperties: false },
        ),
        { maxItems: MOST_APPROVERS },
      ),
    },
    { additionalProperties: false },
  ),
);

/** All enrolled keys; none where there is no file. @throws HallError APPROVER_INVALID for a file that was spoilt: nothing is approved then. */
export async function approversIn(data: string): Promise<ApproverKey[]> {
  let text: string;
  try {
    text = await readFile(path.join(data, APPROVERS_FILE), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new HallError('APPROVER_INVALID', { field: APPROVERS_FILE, reason: 'cannot be read' }, error);
  }
  let held: unknown;
  try {
    held = JSON.parse(text);
  } catch (error) {
    throw new HallError('APPROVER_INVALID', { field: APPROVERS_FILE, reason: 'is not JSON' }, error);
  }
  if (!isFile.Check(held))
    throw new HallError('APPROVER_INVALID', { field: APPROVERS_FILE, reason: 'is not a list of approvers' });
  return held.approvers;
}

/** The key of a PEM file. A private key is refused: it has no business on this machine. */
function keyOf(name: string, pem: string): ApproverKey {
  const refuse = (field: string, reason: string, cause?: unknown): never => {
    throw new HallError('APPROVER_INVALID', { field, reason }, cause);
  };
  if (!NAME.test(name)) refuse('name', 'must be 1 to 64 visible characters');
  if (/PRIVATE KEY/.test(pem)) refuse('key', 'is a private key; give the public one');
  let der: Buffer;
  try {
    const key = createPublicKey(pem);
    if (key.asymmetricKeyType !== 'ed25519') return refuse('key', 'is not an Ed25519 key');
    der = key.export({ type: 'spki', format: 'der' });
  } catch (error) {
    if (error instanceof HallError) throw error;
    return refuse('key', 'is not a PEM public key', error);
  }
  return { name, fingerprint: fingerprintOf(der), publicKey: der.toString('base64url') };
}

/** Whole or not at all, readable by the owner only. */
async function write(data: string, approvers: readonly ApproverKey[]): Promise<void> {
  const file = path.join(data, APPROVERS_FILE);
  await mkdir(data, { recursive: true });
  await writeFile(`${file}.new`, `${JSON.stringify({ version: 1, approvers }, null, 2)}\n`, { mode: 0o600 });
  await chmod(`${file}.new`, 0o600);
  await rename(`${file}.new`, file);
}

/** Enrols a key under a name. @throws HallError APPROVER_INVALID `{field, reason}`; a name or key that is already there too. */
export async function addApprover(data: string, name: string, pem: string): Promise<ApproverKey> {
  const held = await approversIn(data);
  const key = keyOf(name, pem);
  const taken = (field: string) => new HallError('APPROVER_INVALID', { field, reason: 'is already enrolled' });
  if (held.some((one) => one.name === name)) throw taken('name');
  if (held.some(({ fingerprint }) => fingerprint === key.fingerprint)) throw taken('key');
  if (held.length >= MOST_APPROVERS)
    throw new HallError('APPROVER_INVALID', { field: 'name', reason: `at most ${MOST_APPROVERS}` });
  await write(data, [...held, key]);
  return key;
}

/** By name or fingerprint. @throws HallError APPROVER_INVALID when there is none. */
export async function removeApprover(data: string, which: string): Promise<void> {
  const held = await approversIn(data);
  const kept = held.filter(({ name, fingerprint }) => name !== which && fingerprint !== which);
  if (kept.length === held.length) throw new HallError('APPROVER_INVALID', { field: 'name', reason: 'is not enrolled' });
  await write(data, kept);
}
