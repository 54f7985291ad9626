/** Bundles that are taken and bundles that are refused; after a refusal the disk is as it was. */
import { sign } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { MOST_BUNDLE_BYTES } from '@hall/contracts';
import { expect, test } from 'vitest';
import { machine, packageOf, packed, signer, folder, type Signer } from './fixture.ts';
import { assemble, isSafePath, readHead, sha256Of, signedBytes, type Manifest } from './manifest.ts';
import { pack } from './pack.ts';
import { prepare, releaseFolder, stage, updatesFolder, type Staging } from './releases.ts';
import { distrustKey, trustedKeys, trustKey } from './trusted-keys.ts';

const by = signer();
function setup() {
  const { keys, data } = machine(by);
  const updates = updatesFolder(data);
  mkdirSync(updates);
  const staging = (): Staging => ({ updates, keys: trustedKeys(keys), version: '1.0.0', schema: 4, packageFolder: data });
  const file = path.join(folder(), 'bundle');
  const take = (bundle: Uint8Array, more: Partial<Staging> = {}) => {
    writeFileSync(file, bundle);
    return stage(file, { ...staging(), ...more });
  };
  const codeOf = (bundle: Uint8Array, more: Partial<Staging> = {}) => {
    try {
      take(bundle, more);
      return undefined;
    } catch (error) {
      return (error as { code?: string }).code;
    }
  };
  const releases = () => (existsSync(path.join(updates, 'releases')) ? readdirSync(path.join(updates, 'releases')) : []);
  return { updates, keys, data, file, take, codeOf, releases, staging };
}

/** A bundle whose manifest is what the test makes of a good one, signed as it stands. */
function altered(change: (manifest: Manifest) => unknown, contents: readonly string[], who: Signer = by): Buffer {
  const { manifest } = packed(by, '2.0.0', '');
  const bytes = Buffer.from(JSON.stringify(change(manifest)));
  const [, fingerprint = ''] = packed(who, '2.0.0', '').bundle.toString('latin1').split('\n')[1]?.split(' ') ?? [];
  return assemble(
    bytes,
    fingerprint,
    sign(null, signedBytes(bytes), who.privateKey).toString('base64url'),
    contents.map((text) => Buffer.from(text)),
  );
}
const entry = (name: string, text: string) => ({
  path: name,
  size: text.length,
  sha256: sha256Of(Buffer.from(text)),
  mode: 0o644 as const,
});
const withFiles = (names: readonly string[]) =>
  altered(
    (manifest) => ({ ...manifest, files: names.map((name) => entry(name, 'x')) }),
    names.map(() => 'x'),
  );

test('a good bundle becomes a release under its hash, whole, and can be made ready to start', () => {
  const { take, updates, staging, data } = setup();
  const { bundle, sha256, manifest } = packed(by, '2.0.0', 'process.exit(7)');
  expect(take(bundle)).toEqual({ release: sha256, manifest });
  const main = path.join(releaseFolder(updates, sha256), 'bundle/main.js');
  expect(readFileSync(main, 'utf8')).toBe('process.exit(7)');
  expect(statSync(main).mode & 0o777).toBe(0o755);
  expect(prepare(releaseFolder(updates, sha256), data, staging().keys)).toEqual(manifest);
  expect(take(bundle).release).toBe(sha256);
});

test('the signature: missing, of an unknown key, wrong, over another manifest; a key that is trusted no longer', () => {
  const { codeOf, releases, keys, staging } = setup();
  const { bundle } = packed(by, '2.0.0', '');
  const text = bundle.toString('latin1');
  const head = readHead(bundle);
  expect(codeOf(Buffer.from(text.replace(` ${head.signature}\n`, ' \n'), 'latin1'))).toBe('UPDATE_UNSIGNED');
  expect(codeOf(packed(signer(), '2.0.0', '').bundle)).toBe('UPDATE_KEY_UNKNOWN');
  expect(codeOf(Buffer.from(text.replace(head.signature, 'A'.repeat(86)), 'latin1'))).toBe('UPDATE_SIGNATURE_WRONG');
  expect(codeOf(Buffer.from(text.replace('"version":"2.0.0"', '"version":"2.0.1"'), 'latin1'))).toBe('UPDATE_SIGNATURE_WRONG');
  // Another key under the name of the trusted one.
  const own = altered((manifest) => manifest, ['', ''], signer()).toString('latin1');
  const claimed = own.replace(readHead(Buffer.from(own, 'latin1')).fingerprint, head.fingerprint);
  expect(codeOf(Buffer.from(claimed, 'latin1'))).toBe('UPDATE_SIGNATURE_WRONG');
  distrustKey(keys, 'key-0');
  expect(codeOf(bundle, { keys: staging().keys })).toBe('UPDATE_KEY_UNKNOWN');
  expect(releases()).toEqual([]);
});

test('content that is not what the manifest says, cut off or longer, leaves nothing behind', () => {
  const { codeOf, releases } = setup();
  const { bundle } = packed(by, '2.0.0', 'process.exit(7)');
  const other = Buffer.from(bundle.toString('latin1').replace('exit(7)', 'exit(8)'), 'latin1');
  expect(codeOf(other)).toBe('UPDATE_DAMAGED');
  expect(codeOf(bundle.subarray(0, -1))).toBe('UPDATE_DAMAGED');
  expect(codeOf(Buffer.concat([bundle, Buffer.from('x')]))).toBe('UPDATE_DAMAGED');
  for (const length of [0, 5, 20, 100, 300]) expect(codeOf(bundle.subarray(0, length))).toBe('UPDATE_INVALID');
  expect(codeOf(altered(() => 'no manifest', []))).toBe('UPDATE_INVALID');
  expect(releases()).toEqual([]);
});

test.each([
  '../x',
  'bundle/../../x',
  '/etc/x',
  'bundle//x',
  './x',
  'bundle/.',
  '.hidden',
  String.raw`bundle\x`,
  'bundle/x\u0000',
  'c:x',
  'node_modules/x',
  'bundle/node_modules/x',
  'x ',
  'trailing.',
  'Bundle/MAIN.js',
  'bundle/main.js/x',
  'bundle',
])('the path %j is refused', (name) => {
  const { codeOf, releases, updates } = setup();
  expect(codeOf(withFiles(['bundle/main.js', 'package.json', name]))).toBe('UPDATE_PATH_REFUSED');
  expect(releases()).toEqual([]);
  expect(readdirSync(path.dirname(updates))).toEqual(['updates']);
});

test('nothing in a bundle can be a link, and a link where it is unpacked is not followed', () => {
  const { codeOf, take, updates } = setup();
  expect(codeOf(altered((manifest) => ({ ...manifest, files: [{ ...manifest.files[0], link: '/etc' }] }), ['']))).toBe(
    'UPDATE_INVALID',
  );
  const { bundle, sha256 } = packed(by, '2.0.0', '');
  const elsewhere = folder();
  mkdirSync(path.join(updates, 'releases'));
  symlinkSync(elsewhere, path.join(updates, 'releases', `${sha256}.new`));
  take(bundle);
  expect(readdirSync(elsewhere)).toEqual([]);
});

test('too large, no room, a database that is newer, the same version, a package that is not there', () => {
  const { codeOf, releases, file, staging } = setup();
  const { bundle } = packed(by, '2.0.0', '');
  expect(codeOf(bundle, { freeBytes: () => 64 * 1024 * 1024 })).toBe('UPDATE_NO_SPACE');
  expect(codeOf(packed(by, '2.0.0', '', 3).bundle)).toBe('UPDATE_DOWNGRADE');
  expect(codeOf(packed(by, '0.9.0', '', 4).bundle)).toBeUndefined();
  expect(codeOf(packed(by, '1.0.0', '', 4).bundle)).toBe('UPDATE_SAME_VERSION');
  const needs = packageOf('2.0.0', '', { 'better-sqlite3': '12.11.1' });
  const needy = pack({ from: needs, key: by.privatePem, schema: 4, created: 1 }).bundle;
  expect(codeOf(needy)).toBe('UPDATE_NEEDS');
  const has = folder();
  mkdirSync(path.join(has, 'node_modules/better-sqlite3'), { recursive: true });
  writeFileSync(path.join(has, 'node_modules/better-sqlite3/package.json'), '{"version":"12.0.0"}');
  expect(codeOf(needy, { packageFolder: has })).toBe('UPDATE_NEEDS');
  const [one] = releases();
  expect(releases()).toHaveLength(1);
  expect(one).toBe(packed(by, '0.9.0', '', 4).sha256);
  writeFileSync(file, '');
  truncateSync(file, MOST_BUNDLE_BYTES + 1);
  expect(() => stage(file, staging())).toThrow(expect.objectContaining({ code: 'UPDATE_TOO_LARGE' }));
});

test('a release that was changed on the disk is found out', () => {
  const { take, updates, data } = setup();
  const { bundle, sha256 } = packed(by, '2.0.0', 'process.exit(7)');
  take(bundle);
  const at = releaseFolder(updates, sha256);
  writeFileSync(path.join(at, 'bundle/main.js'), 'process.exit(8)');
  expect(() => prepare(at, data)).toThrow(expect.objectContaining({ code: 'UPDATE_DAMAGED' }));
});

test('keys: public Ed25519 keys only, once each; what is no key trusts nobody', () => {
  const { keys } = machine();
  const key = signer();
  expect(trustKey(keys, '李', key.publicPem).fingerprint).toMatch(/^SHA256:[\w-]{43}$/);
  const refused = (name: string, pem: string) =>
    expect(() => trustKey(keys, name, pem)).toThrow(expect.objectContaining({ code: 'UPDATE_KEY_INVALID' }));
  refused('王', key.publicPem);
  refused('李', signer().publicPem);
  refused('王', signer().privatePem);
  refused('../x', signer().publicPem);
  refused('王', 'no key');
  writeFileSync(path.join(keys, 'spoilt.pem'), 'no key');
  expect(trustedKeys(keys).map(({ name }) => name)).toEqual(['李']);
  expect(isSafePath('assets/page/index.html')).toBe(true);
});
