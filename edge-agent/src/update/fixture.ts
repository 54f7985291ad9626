/** Packages of made-up agents, signed by made-up keys. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { pack, type Packed } from './pack.ts';
import { keyFolder, trustKey } from './trusted-keys.ts';

export function folder(): string {
  const made = mkdtempSync(path.join(tmpdir(), 'hall-update-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true, maxRetries: 5 }));
  return made;
}

export function signer() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    privateKey,
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}
export type Signer = ReturnType<typeof signer>;

/** The folder of a package whose `bundle/main.js` is this text. */
export function packageOf(version: string, main: string, dependencies: Record<string, string> = {}): string {
  const from = folder();
  mkdirSync(path.join(from, 'bundle'));
  writeFileSync(path.join(from, 'package.json'), JSON.stringify({ version, type: 'module', dependencies }));
  writeFileSync(path.join(from, 'bundle/main.js'), main, { mode: 0o755 });
  return from;
}

export const packed = (by: Signer, version: string, main: string, schema = 4): Packed =>
  pack({ from: packageOf(version, main), key: by.privatePem, schema, created: 1 });

/** A machine with a data folder and the keys it trusts. */
export function machine(...trusted: readonly Signer[]) {
  const root = folder();
  const keys = keyFolder(path.join(root, 'agent.json'));
  for (const [at, { publicPem }] of trusted.entries()) trustKey(keys, `key-${at}`, publicPem);
  const data = path.join(root, 'data');
  mkdirSync(data);
  return { root, keys, data };
}
