/** Releases on the disk: `releases/{hash}/`, each complete or not there. Synchronous, for the parent of the agent uses it as well. */
import {
  chmodSync,
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statfsSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { syncFolder } from '@hall/runtime';
import { HallError, MOST_BUNDLE_BYTES, MOST_MANIFEST_BYTES } from '@hall/contracts';
import { MAIN, readHead, sha256Of, trustedManifest, type Head, type Manifest, type TrustedKey } from './manifest.ts';

/** What stood before the files in the bundle; with it a release can be checked again. */
const HEAD_FILE = 'bundle.head';
const HEAD_BYTES = MOST_MANIFEST_BYTES + 1024;
/** Left free beside a new release, bytes: the records of the hall come first. */
const SPARE_BYTES = 64 * 1024 * 1024;

export const updatesFolder = (data: string): string => path.join(data, 'updates');
export const releaseFolder = (updates: string, release: string): string => path.join(updates, 'releases', release);
export const mainOf = (updates: string, release: string): string => path.join(releaseFolder(updates, release), MAIN);

export interface Staging {
  readonly updates: string;
  readonly keys: readonly TrustedKey[];
  /** Of the agent that runs: its version, and that of its database. */
  readonly version: string;
  readonly schema: number;
  /** Folder of the installed package, where packages that are not in a bundle are looked for. */
  readonly packageFolder: string;
  /** Bytes that are free on the disk of a folder; default what the system says. */
  readonly freeBytes?: (folder: string) => number;
}

const freeOf = (folder: string): number => {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
};

/** @throws HallError UPDATE_NO_SPACE when `bytes` more would not leave enough. */
export function checkSpace(folder: string, bytes: number, free: (folder: string) => number = freeOf): void {
  const has = free(folder);
  if (has < bytes + SPARE_BYTES) throw new HallError('UPDATE_NO_SPACE', { needed: bytes + SPARE_BYTES, free: has });
}

/**
 * Checks a bundle from first to last and puts it into the folder of releases. Nothing is written before everything has been checked
 * but the hashes of the files, and nothing has the name of a release before those have.
 * @throws HallError UPDATE_…, and everything is as it was before.
 */
export function stage(
  bundle: string,
  { updates, keys, version, schema, packageFolder, freeBytes }: Staging,
): { release: string; manifest: Manifest } {
  const bytes = readBundle(bundle);
  const head = readHead(bytes);
  const manifest = trustedManifest(head, keys);
  if (head.length + manifest.files.reduce((sum, { size }) => sum + size, 0) !== bytes.length)
    throw new HallError('UPDATE_DAMAGED', { reason: 'length' });
  if (manifest.version === version) throw new HallError('UPDATE_SAME_VERSION', { version });
  if (manifest.schema < schema) throw new HallError('UPDATE_DOWNGRADE', { schema: manifest.schema, database: schema });
  findNeeds(manifest, packageFolder);
  const release = sha256Of(bytes);
  mkdirSync(path.join(updates, 'releases'), { recursive: true, mode: 0o700 });
  checkSpace(updates, bytes.length, freeBytes);
  const folder = releaseFolder(updates, release);
  const fresh = `${folder}.new`;
  rmSync(fresh, { recursive: true, force: true });
  try {
    unpack(bytes, head, manifest, fresh);
    rmSync(folder, { recursive: true, force: true });
    renameSync(fresh, folder);
    syncFolder(path.dirname(folder));
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    throw (error as NodeJS.ErrnoException).code === 'ENOSPC' ? new HallError('UPDATE_NO_SPACE', {}, error) : error;
  }
  return { release, manifest };
}

/** @throws HallError UPDATE_TOO_LARGE before anything is read. */
function readBundle(file: string): Buffer {
  const handle = openSync(file, 'r');
  try {
    const { size } = fstatSync(handle);
    if (size > MOST_BUNDLE_BYTES) throw new HallError('UPDATE_TOO_LARGE', { size });
    const bytes = Buffer.alloc(size);
    let at = 0;
    while (at < size) {
      const read = readSync(handle, bytes, at, size - at, at);
      if (read === 0) throw new HallError('UPDATE_DAMAGED', { reason: 'length' });
      at += read;
    }
    return bytes;
  } finally {
    closeSync(handle);
  }
}

function unpack(bytes: Buffer, head: Head, manifest: Manifest, folder: string): void {
  let at = head.length;
  const folders = new Set([folder]);
  for (const { path: name, size, sha256, mode } of manifest.files) {
    const content = bytes.subarray(at, at + size);
    if (sha256Of(content) !== sha256) throw new HallError('UPDATE_DAMAGED', { path: name });
    const file = path.join(folder, name);
    for (let above = path.dirname(file); above.length > folder.length; above = path.dirname(above)) folders.add(above);
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    write(file, content, mode);
    at += size;
  }
  write(path.join(folder, HEAD_FILE), bytes.subarray(0, head.length), 0o644);
  for (const one of folders) syncFolder(one);
}

/** A new file that is on the disk when this returns. */
function write(file: string, content: Buffer, mode: number): void {
  const handle = openSync(file, 'wx', mode);
  try {
    let at = 0;
    while (at < content.length) at += writeSync(handle, content, at);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  chmodSync(file, mode);
}

/**
 * Whether a release is there as it was signed, and makes it ready to start. `keys`: those that have to have signed it; without them
 * only its files are looked at, for a key that is trusted no longer must not leave the hall without an agent.
 * @throws HallError UPDATE_… when it is not.
 */
export function prepare(folder: string, packageFolder: string, keys?: readonly TrustedKey[]): Manifest {
  const start = readFileSync(path.join(folder, HEAD_FILE)).subarray(0, HEAD_BYTES);
  const head = readHead(start);
  const manifest = keys ? trustedManifest(head, keys) : (JSON.parse(head.manifestBytes.toString('utf8')) as Manifest);
  for (const { path: name, sha256 } of manifest.files) {
    const file = path.join(folder, name);
    if (!lstatSync(file).isFile() || sha256Of(readFileSync(file)) !== sha256)
      throw new HallError('UPDATE_DAMAGED', { path: name });
  }
  link(findNeeds(manifest, packageFolder), path.join(folder, 'node_modules'));
  return manifest;
}

/** Where the packages are that a release needs. @throws HallError UPDATE_NEEDS when one is not there in its version. */
function findNeeds({ needs }: Manifest, packageFolder: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [name, version] of Object.entries(needs)) {
    for (let folder = path.resolve(packageFolder); ; folder = path.dirname(folder)) {
      const at = path.join(folder, 'node_modules', name);
      if (existsSync(path.join(at, 'package.json'))) {
        const has = (JSON.parse(readFileSync(path.join(at, 'package.json'), 'utf8')) as { version?: string }).version;
        if (has !== version) throw new HallError('UPDATE_NEEDS', { name, version, installed: has });
        found.set(name, at);
        break;
      }
      if (folder === path.dirname(folder)) throw new HallError('UPDATE_NEEDS', { name, version });
    }
  }
  return found;
}

function link(packages: ReadonlyMap<string, string>, into: string): void {
  rmSync(into, { recursive: true, force: true });
  for (const [name, target] of packages) {
    const at = path.join(into, name);
    mkdirSync(path.dirname(at), { recursive: true });
    symlinkSync(target, at);
  }
}

/** Removes what no state names: old releases and what an interrupted staging left. */
export function sweep(updates: string, keep: readonly string[]): void {
  const folder = path.join(updates, 'releases');
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    if (!keep.includes(name)) rmSync(path.join(folder, name), { recursive: true, force: true });
  }
}
