import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** One TypeScript file of the repository; `path` starts with the package folder. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

export interface Package {
  readonly folder: string;
  readonly name: string;
  /** What its `package.json` declares for the product. */
  readonly declared: ReadonlySet<string>;
  /** What it declares for its tests and tools. */
  readonly declaredForTests: ReadonlySet<string>;
  /** Packages of ours it may import, by name; undefined: any. */
  readonly mayImport: ReadonlySet<string> | undefined;
}

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const readText = (file: string): string => readFileSync(path.join(root, file), 'utf8');

const skipped = new Set(['node_modules', 'dist', 'bundle', 'dist-types', 'peers']);

/** Files under a folder of the repository whose names end in one of the endings, sorted. */
export function filesUnder(folder: string, ...endings: string[]): string[] {
  return readdirSync(path.join(root, folder), { withFileTypes: true })
    .filter(({ name }) => !skipped.has(name) && !name.startsWith('.'))
    .flatMap((entry) => {
      const file = path.posix.join(folder, entry.name);
      if (entry.isDirectory()) return filesUnder(file, ...endings);
      return endings.some((ending) => entry.name.endsWith(ending)) ? [file] : [];
    })
    .toSorted();
}

interface Manifest {
  readonly name: string;
  readonly workspaces?: readonly string[];
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
}
const manifestOf = (folder: string): Manifest => JSON.parse(readText(path.posix.join(folder, 'package.json'))) as Manifest;

/** What the root offers to all: the tools of building and testing. */
export const sharedTools = (): ReadonlySet<string> => new Set(Object.keys(manifestOf('.').devDependencies ?? {}));
export const workspaces = (): readonly string[] => manifestOf('.').workspaces ?? [];

/** The rows of the package table in `docs/architecture.md`: folder, and who may be imported; `anything` is undefined. */
export function importTable(markdown: string): Map<string, ReadonlySet<string> | undefined> {
  const table = new Map<string, ReadonlySet<string> | undefined>();
  for (const line of markdown.split('\n')) {
    const cells = line.split('|').map((cell) => cell.trim());
    if (cells.length !== 6 || !cells[1]?.startsWith('`')) continue;
    const allowed = cells[4] ?? '';
    const names = allowed === 'nothing of ours' ? [] : allowed.split(',').map((name) => `@hall/${name.trim()}`);
    for (const [, folder = ''] of (cells[1] ?? '').matchAll(/`([^`]+)\/`/g)) {
      table.set(folder, allowed === 'anything' ? undefined : new Set(names));
    }
  }
  return table;
}

/** Every workspace with what it declares and what the architecture allows it. */
export function packages(): Package[] {
  const table = importTable(readText('docs/architecture.md'));
  return workspaces().map((folder) => {
    const manifest = manifestOf(folder);
    const mayImport = table.has(folder) ? table.get(folder) : new Set<string>();
    const { name, dependencies, optionalDependencies, devDependencies = {} } = manifest;
    const declared = new Set(Object.keys({ ...dependencies, ...optionalDependencies }));
    return { folder, name, declared, declaredForTests: new Set(Object.keys(devDependencies)), mayImport };
  });
}

/** All TypeScript of all workspaces. */
export const sources = (): Source[] =>
  workspaces()
    .filter((folder) => existsSync(path.join(root, folder)))
    .flatMap((folder) => filesUnder(folder, '.ts', '.tsx'))
    .map((file) => ({ path: file, text: readText(file) }));
