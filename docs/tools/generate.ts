/** Writes the generated pages of `docs/`; with `--check` writes nothing and exits 1 when one of them is stale. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { AgentConfig } from '../../edge-agent/src/config.ts';
import { drivers } from '../../edge-agent/src/drivers/registry.ts';
import { apiDocument } from '../../hall-server/src/api-document.ts';
import { ServerConfig } from '../../hall-server/src/config.ts';
import type { BrokerCard } from '../../proof/src/broker-card/card.ts';
import { alarmsPage } from './alarms-page.ts';
import { asyncApiDocument } from './asyncapi.ts';
import { brokerSection } from './broker-section.ts';
import { errorsPage } from './errors-page.ts';
import { faultsPage, type KeptResult } from './faults-page.ts';
import { figuresSection, type Results } from './figures-section.ts';
import { withSection } from './section.ts';
import { settingsPage } from './settings-page.ts';
import { stripsPicture } from './strips-picture.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Markdown as the formatter of the repository writes it, so that formatting and staleness never disagree. */
function formatted(file: string, text: string): string {
  const formatter = path.join(root, 'node_modules/.bin/oxfmt');
  const { status, stdout, stderr } = spawnSync(formatter, [`--stdin-filepath=${file}`], {
    cwd: root,
    input: text,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`The formatter refused ${file}: ${stderr}`);
  return stdout;
}

const json = (document: unknown): string => `${JSON.stringify(document, null, 2)}\n`;

const settings = settingsPage({
  files: [
    { title: 'Hall server', intro: 'Read by the `hall-server` command.', schema: ServerConfig },
    { title: 'Edge agent', intro: 'Read by the `hall-agent` command.', schema: AgentConfig },
  ],
  drivers,
});

/** The OpenAPI document, from the routes of a server that listens nowhere. */
async function openApi(): Promise<object> {
  const folder = mkdtempSync(path.join(tmpdir(), 'hall-docs-'));
  try {
    return await apiDocument(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What was measured, by part; empty before the first benchmark. */
function benchResults(): Results {
  const folder = path.join(root, 'bench/results');
  if (!existsSync(folder)) return new Map();
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return new Map(
    files.map((file) => [file.slice(0, -'.json'.length), JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as never]),
  );
}
/** What the promises showed, by area; an area that was never run has none. */
const proofResults = (...areas: readonly string[]): ReadonlyMap<string, readonly KeptResult[]> =>
  new Map(
    areas.map((area) => {
      const file = path.join(root, `proof/results/${area}.json`);
      return [area, existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { results: KeptResult[] }).results : []];
    }),
  );
const results = benchResults();
const readme = (file: string, language: 'zh' | 'en'): string =>
  formatted(file, withSection(readFileSync(path.join(root, file), 'utf8'), 'figures', figuresSection(results, language)));

const cardFile = path.join(root, 'proof/results/broker-card.json');
const card = existsSync(cardFile) ? (JSON.parse(readFileSync(cardFile, 'utf8')) as BrokerCard) : undefined;
const brokers = (file: string): string =>
  formatted(file, withSection(readFileSync(path.join(root, file), 'utf8'), 'card', brokerSection(card)));

const pages: Readonly<Record<string, string>> = {
  'docs/alarms.md': formatted('docs/alarms.md', alarmsPage()),
  'docs/brokers.md': brokers('docs/brokers.md'),
  'docs/errors.md': formatted('docs/errors.md', errorsPage()),
  'docs/faults.md': formatted('docs/faults.md', faultsPage(proofResults('hall', 'fleet'))),
  'docs/settings.md': formatted('docs/settings.md', settings),
  'docs/asyncapi.json': json(asyncApiDocument()),
  'docs/openapi.json': json(await openApi()),
  'docs/strips.svg': stripsPicture(),
  'README.md': readme('README.md', 'en'),
  'README.zh-CN.md': readme('README.zh-CN.md', 'zh'),
};

const stale = Object.entries(pages).filter(([file, text]) => {
  const target = path.join(root, file);
  return !existsSync(target) || readFileSync(target, 'utf8') !== text;
});
if (process.argv.includes('--check')) {
  for (const [file] of stale) process.stderr.write(`${file} is stale; run: node scripts/docs.mjs\n`);
  process.exitCode = stale.length === 0 ? 0 : 1;
} else {
  for (const [file, text] of stale) {
    writeFileSync(path.join(root, file), text);
    process.stdout.write(`${file} written\n`);
  }
}
