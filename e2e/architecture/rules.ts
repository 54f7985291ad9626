import path from 'node:path';
import type { Package, Source } from './repository.ts';
import { codeOnly, importsOf, withoutComments } from './source-text.ts';

const isTest = (file: string): boolean => /\.test\.tsx?$/.test(file) || /\/fixtures?[./]/.test(file);
/** Neither built into the product nor shipped: tests, and what stands beside `src/`. */
const isOutsideProduct = (file: string): boolean => isTest(file) || !file.includes('/src/');
const isIntegrationTest = (file: string): boolean => file.endsWith('.integration.test.ts');
const folderOf = (file: string): string => file.slice(0, file.indexOf('/'));

/** Run in a browser, or measure and judge the product from outside; they own their time. */
const keepsOwnTime = (file: string): boolean =>
  file === 'contracts/src/clock.ts' ||
  ['web-console', 'e2e', 'proof', 'bench'].includes(folderOf(file)) ||
  /^(?:edge-agent|virtual-hall)\/(?:.*\/)?pages?\//.test(file);
/** The tests of a driver run against the simulated device. */
const testsMayImport: Readonly<Record<string, string>> = { 'edge-agent': '@hall/simulators' };

const TIMERS = /\bsetTimeout\b|\bsetInterval\b/g;
const TIME = /\bDate\.now\b|\bsetTimeout\b|\bsetInterval\b|\bperformance\.now\b|\bnew Date\(\s*\)/g;

/** Run in the browser and in Node alike. */
const platformFree = new Set(['contracts', 'hall-model', 'wire', 'glyphs', 'display-templates']);

const touchesSql = (text: string): boolean =>
  importsOf(text).includes('better-sqlite3') ||
  /\.(?:prepare|pragma)\(/.test(codeOnly(text)) ||
  /['"`]\s*(?:SELECT\s|INSERT\s|UPDATE\s|DELETE\s+FROM|REPLACE\s+INTO|WITH\s+\w+\s+AS)/.test(withoutComments(text));

/** What a file may not name, and where. A rule is broken by each import that it refuses. */
const importRules: readonly { readonly where: (file: string) => boolean; readonly refuses: RegExp; readonly says: string }[] = [
  {
    where: (file) => platformFree.has(folderOf(file)) && !isTest(file),
    refuses: /^node:/,
    says: 'runs in the browser too: no platform modules',
  },
  { where: (file) => file.startsWith('edge-agent/src/drivers/'), refuses: /^mqtt$/, says: 'a driver knows no MQTT' },
  {
    where: (file) => /\/features\/.*service\.ts$/.test(file),
    refuses: /^(?:fastify|@fastify\/.*|better-sqlite3)$/,
    says: 'a service knows neither HTTP nor SQLite',
  },
];

function importViolations(
  { path: file, text }: Source,
  owner: Package,
  tools: ReadonlySet<string>,
  ours: ReadonlySet<string>,
): string[] {
  return importsOf(text).flatMap((name) => {
    const refused = importRules.filter(({ where, refuses }) => where(file) && refuses.test(name));
    const said = refused.map(({ says }) => `${file}: ${says} (${name})`);
    if (name.startsWith('.')) {
      const target = path.posix.join(path.posix.dirname(file), name);
      return target.startsWith(`${owner.folder}/`) ? said : [...said, `${file}: reaches into another folder (${name})`];
    }
    if (name.startsWith('node:')) return said;
    const module = name.split('/', name.startsWith('@') ? 2 : 1).join('/');
    if (module === owner.name) return [...said, `${file}: imports its own package by name`];
    const outside = isOutsideProduct(file);
    const allowed = owner.mayImport?.has(module) ?? true;
    if (ours.has(module) && !allowed && !(outside && testsMayImport[owner.folder] === module)) {
      said.push(`${file}: may not import ${module}`);
    }
    const declared = owner.declared.has(module) || (outside && (owner.declaredForTests.has(module) || tools.has(module)));
    return declared ? said : [...said, `${file}: imports ${module}, which its package.json does not declare`];
  });
}

function textViolations({ path: file, text }: Source): string[] {
  const said = keepsOwnTime(file)
    ? []
    : [...codeOnly(text).matchAll(isIntegrationTest(file) ? TIMERS : TIME)].map(
        ([word]) => `${file}: takes time from ${word} instead of a Clock`,
      );
  const owner = /^hall-server\/src\/features\/.*\/(?<name>[^/]+)\.ts$/.exec(file)?.groups?.['name'];
  if (owner !== undefined && !/(?:^|-)(?:store|writes)$/.test(owner) && !isTest(file) && touchesSql(text)) {
    said.push(`${file}: touches SQL outside store and writes`);
  }
  return said;
}

function declarationViolations({ folder, declared, declaredForTests, mayImport }: Package, ours: ReadonlySet<string>): string[] {
  const refused = [
    ...[...declared].filter((name) => !mayImport?.has(name)),
    ...[...declaredForTests].filter((name) => !mayImport?.has(name) && testsMayImport[folder] !== name),
  ];
  return mayImport
    ? refused.filter((name) => ours.has(name)).map((name) => `${folder}/package.json: may not depend on ${name}`)
    : [];
}

/** Everything in the sources that the architecture does not allow, in words; empty is good. */
export function violations(packages: readonly Package[], sources: readonly Source[], tools: ReadonlySet<string>): string[] {
  const ours = new Set(packages.map(({ name }) => name));
  const byFolder = new Map(packages.map((owner) => [owner.folder, owner]));
  const brokers = sources.filter(
    ({ path: file, text }) => folderOf(file) === 'hall-server' && !isTest(file) && importsOf(text).includes('aedes'),
  );
  return [
    ...packages.flatMap((owner) => declarationViolations(owner, ours)),
    ...sources.flatMap((source) => {
      const owner = byFolder.get(folderOf(source.path));
      return owner ? [...importViolations(source, owner, tools, ours), ...textViolations(source)] : [];
    }),
    ...brokers.slice(1).map(({ path: file }) => `${file}: a second file that imports aedes`),
  ];
}
