/** Reads and checks bundles (`agent-bundle.ts` of the contracts says what they look like). No I/O here. */
import { createHash, verify, type KeyObject } from 'node:crypto';
import { BUNDLE_FIRST_LINE, BundleManifest, HallError, MOST_BUNDLE_BYTES, MOST_MANIFEST_BYTES } from '@hall/contracts';
import { Compile } from 'typebox/compile';

/** First and second line. */
const MOST_HEAD_BYTES = 300;
/** The program of every release. */
export const MAIN = 'bundle/main.js';

export type Manifest = BundleManifest;
const isManifest = Compile(BundleManifest);

export interface TrustedKey {
  readonly name: string;
  readonly fingerprint: string;
  readonly key: KeyObject;
}

/** What stands before the files. */
export interface Head {
  readonly fingerprint: string;
  readonly signature: string;
  readonly manifestBytes: Buffer;
  /** Where the first file begins. */
  readonly length: number;
}

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The exact bytes under the signature: no other thing that is signed begins like this. */
export const signedBytes = (manifest: Uint8Array): Uint8Array =>
  Buffer.concat([Buffer.from('hall-control agent bundle 1\n'), manifest]);

/** The bundle of parts. */
export function assemble(manifest: Uint8Array, fingerprint: string, signature: string, files: readonly Uint8Array[]): Buffer {
  return Buffer.concat([Buffer.from(`${BUNDLE_FIRST_LINE}${manifest.length} ${fingerprint} ${signature}\n`), manifest, ...files]);
}

/** @throws HallError UPDATE_INVALID when it is no bundle, UPDATE_UNSIGNED when nothing stands where the signature belongs. */
export function readHead(start: Buffer): Head {
  const invalid = (reason: string) => new HallError('UPDATE_INVALID', { reason });
  if (start.subarray(0, BUNDLE_FIRST_LINE.length).toString('latin1') !== BUNDLE_FIRST_LINE)
    throw invalid('no bundle of an agent');
  const end = start.subarray(0, MOST_HEAD_BYTES).indexOf('\n', BUNDLE_FIRST_LINE.length);
  if (end < 0) throw invalid('its second line does not end');
  const [size = '', fingerprint = '', signature = '', ...more] = start
    .subarray(BUNDLE_FIRST_LINE.length, end)
    .toString('latin1')
    .split(' ');
  if (!/^[1-9]\d{0,6}$/.test(size) || Number(size) > MOST_MANIFEST_BYTES || more.length > 0) throw invalid('its second line');
  if (fingerprint === '' || signature === '') throw new HallError('UPDATE_UNSIGNED');
  const from = end + 1;
  const manifestBytes = start.subarray(from, from + Number(size));
  if (manifestBytes.length < Number(size)) throw invalid('its manifest is cut off');
  return { fingerprint, signature, manifestBytes, length: from + Number(size) };
}

/**
 * The manifest, once its signature holds: nothing of it is looked at before.
 * @throws HallError UPDATE_KEY_UNKNOWN, UPDATE_SIGNATURE_WRONG, UPDATE_INVALID, UPDATE_PATH_REFUSED or UPDATE_TOO_LARGE.
 */
export function trustedManifest(
  head: Pick<Head, 'fingerprint' | 'signature' | 'manifestBytes'>,
  keys: readonly TrustedKey[],
): Manifest {
  const { fingerprint, signature, manifestBytes } = head;
  const key = keys.find((one) => one.fingerprint === fingerprint);
  if (!key) throw new HallError('UPDATE_KEY_UNKNOWN', { key: fingerprint });
  if (!verify(null, signedBytes(manifestBytes), key.key, Buffer.from(signature, 'base64url'))) {
    throw new HallError('UPDATE_SIGNATURE_WRONG', { key: fingerprint });
  }
  let manifest: unknown;
  try {
    manifest = JSON.parse(manifestBytes.toString('utf8'));
  } catch (error) {
    throw new HallError('UPDATE_INVALID', { reason: 'its manifest is not JSON' }, error);
  }
  if (!isManifest.Check(manifest)) throw new HallError('UPDATE_INVALID', { reason: 'its manifest does not match the schema' });
  checkPaths(manifest);
  if (manifest.files.reduce((sum, { size }) => sum + size, 0) > MOST_BUNDLE_BYTES) throw new HallError('UPDATE_TOO_LARGE');
  return manifest;
}

/** A name of letters, digits and `._-+@` that is neither hidden nor `..`. */
const PART = /^[A-Za-z0-9_@+-][A-Za-z0-9._@+-]{0,99}$/;

/** Whether a file of a release may have this path: below the release, in no folder that belongs to the system of releases. */
export function isSafePath(given: string): boolean {
  const parts = given.split('/');
  return parts.length <= 8 && parts.every((part) => PART.test(part) && part !== 'node_modules' && !part.endsWith('.'));
}

function checkPaths({ files }: Manifest): void {
  const refuse = (path: string) => new HallError('UPDATE_PATH_REFUSED', { path: path.slice(0, 200) });
  // Two names that some file systems take for one are one.
  const folded = new Set<string>();
  for (const { path } of files) {
    if (!isSafePath(path) || folded.has(path.toLowerCase())) throw refuse(path);
    folded.add(path.toLowerCase());
  }
  for (const path of folded) {
    const parts = path.split('/');
    for (let at = 1; at < parts.length; at += 1) if (folded.has(parts.slice(0, at).join('/'))) throw refuse(path);
  }
  if (!folded.has(MAIN) || !folded.has('package.json')) throw new HallError('UPDATE_INVALID', { reason: `it has no ${MAIN}` });
}
