/** `hall-agent pack`: makes a signed bundle of a built agent package. */
import { createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { HallError, MOST_BUNDLE_BYTES } from '@hall/contracts';
import { fingerprintOf } from '../approvers/verify.ts';
import { assemble, readHead, sha256Of, signedBytes, trustedManifest, type Manifest } from './manifest.ts';

/** What of the package goes into a bundle. */
const PARTS = ['package.json', 'bundle', 'assets'];
/** Packages that the build leaves outside: native ones and those that are files to serve. */
const OUTSIDE = ['better-sqlite3', 'serialport', '@fontsource-variable/noto-sans-sc'];

export interface PackOptions {
  /** The agent package: `package.json`, `bundle/` and, where there is one, `assets/`. */
  readonly from: string;
  /** PEM of an Ed25519 private key. */
  readonly key: string;
  /** Version of the agent's database the package works with. */
  readonly schema: number;
  /** Unix ms. */
  readonly created: number;
}

export interface Packed {
  readonly bundle: Buffer;
  readonly manifest: Manifest;
  /** Names the bundle everywhere. */
  readonly sha256: string;
}

/** @throws HallError UPDATE_KEY_INVALID, UPDATE_INVALID, UPDATE_PATH_REFUSED or UPDATE_TOO_LARGE. */
export function pack({ from, key, schema, created }: PackOptions): Packed {
  const secret = privateKey(key);
  const files = PARTS.flatMap((part) => filesOf(from, part)).toSorted();
  if (!files.includes('package.json')) throw new HallError('UPDATE_INVALID', { reason: 'there is no package.json' });
  const contents = files.map((name) => readFileSync(path.join(from, name)));
  const { version = '', dependencies = {} } = JSON.parse(readFileSync(path.join(from, 'package.json'), 'utf8')) as {
    version?: string;
    dependencies?: Record<string, string>;
  };
  const manifest: Manifest = {
    version,
    schema,
    created,
    needs: Object.fromEntries(OUTSIDE.flatMap((name) => (dependencies[name] === undefined ? [] : [[name, dependencies[name]]]))),
    files: files.map((name, at) => {
      const content = contents[at] ?? Buffer.alloc(0);
      const isProgram = (statSync(path.join(from, name)).mode & 0o100) !== 0;
      return { path: name, size: content.length, sha256: sha256Of(content), mode: isProgram ? 0o755 : 0o644 };
    }),
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  const publicKey = createPublicKey(secret);
  const fingerprint = fingerprintOf(publicKey.export({ type: 'spki', format: 'der' }));
  const bundle = assemble(bytes, fingerprint, sign(null, signedBytes(bytes), secret).toString('base64url'), contents);
  // What no agent would take is not made.
  trustedManifest(readHead(bundle), [{ name: 'own', fingerprint, key: publicKey }]);
  if (bundle.length > MOST_BUNDLE_BYTES) throw new HallError('UPDATE_TOO_LARGE', { size: bundle.length });
  return { bundle, manifest, sha256: sha256Of(bundle) };
}

function privateKey(pem: string): KeyObject {
  const refuse = (reason: string, cause?: unknown) => new HallError('UPDATE_KEY_INVALID', { field: 'key', reason }, cause);
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (error) {
    throw refuse('is not a PEM private key', error);
  }
  if (key.asymmetricKeyType !== 'ed25519') throw refuse('is not an Ed25519 key');
  return key;
}

/** Regular files below, with `/`; source maps stay at home. */
function filesOf(from: string, name: string): string[] {
  const at = path.join(from, name);
  const found = statSync(at, { throwIfNoEntry: false });
  if (!found) return [];
  if (found.isFile()) return name.endsWith('.map') ? [] : [name];
  return readdirSync(at).flatMap((below) => filesOf(from, `${name}/${below}`));
}
