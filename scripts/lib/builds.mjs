/** What is compiled and bundled: each target again only when a source of it has changed. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root, run } from './run.mjs';
import { Stop } from './say.mjs';

const libraries = ['contracts', 'hall-model', 'glyphs', 'display-templates'];
const processes = ['runtime', 'wire', 'hall-server', 'edge-agent', 'device-simulators', 'fault-rig', 'virtual-hall'];
const bin = (name, file) => path.join(root, 'node_modules', name, file);

const bundle = (program, sources) => ({
  name: `${program}-bundle`,
  sources,
  result: `${program}/bundle/main.js`,
  command: [path.join(root, 'scripts/bundle.mjs'), program],
});

const targets = [
  {
    name: 'tsc',
    sources: [...libraries, ...processes],
    result: 'virtual-hall/dist/main.js',
    command: [bin('typescript', 'bin/tsc'), '-b', ...processes],
  },
  {
    name: 'console',
    sources: [...libraries, 'web-console'],
    result: 'web-console/dist/index.html',
    command: [bin('vite', 'bin/vite.js'), 'build', '--logLevel', 'warn'],
    folder: 'web-console',
  },
  {
    name: 'stage',
    sources: ['contracts', 'virtual-hall'],
    result: 'virtual-hall/dist/page/index.html',
    command: [bin('vite', 'bin/vite.js'), 'build', '--logLevel', 'warn'],
    folder: 'virtual-hall',
  },
  bundle('hall-server', [...libraries, 'runtime', 'hall-server']),
  bundle('edge-agent', [...libraries, 'runtime', 'wire', 'edge-agent']),
];
const skipped = /^(node_modules|dist|bundle|dist-types|coverage)$|\.test\.tsx?$|\.md$/;

/** Names, sizes and times of every source below a folder. */
function list(folder, into) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (skipped.test(entry.name)) continue;
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) list(file, into);
    else if (entry.isFile()) {
      const { size, mtimeMs } = statSync(file);
      into.update(`${file} ${size} ${mtimeMs}\n`);
    }
  }
}
function fingerprint({ sources, command }) {
  const hash = createHash('sha256').update(JSON.stringify(command)).update(readFileSync(command[0]));
  for (const file of ['tsconfig.base.json', 'package-lock.json']) hash.update(readFileSync(path.join(root, file)));
  for (const source of sources) list(path.join(root, source), hash);
  return hash.digest('hex');
}

/** Builds what is not current; answers the names of what was built. */
export async function buildAll() {
  const stamps = path.join(root, 'node_modules/.hall-build');
  mkdirSync(stamps, { recursive: true });
  const built = [];
  for (const target of targets) {
    const stampFile = path.join(stamps, target.name);
    const stamp = fingerprint(target);
    const current =
      existsSync(path.join(root, target.result)) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp;
    if (current) continue;
    const result = await run(process.execPath, target.command, {
      cwd: path.join(root, target.folder ?? '.'),
      label: target.name,
    });
    if (result.code !== 0) {
      throw new Stop(`构建 ${target.name} 失败。`, `Building ${target.name} failed.`, [
        ...result.tail.slice(-20),
        '如果没有改动过源代码，请删除 node_modules 后重试。 If no source was changed, delete node_modules and try again.',
      ]);
    }
    writeFileSync(stampFile, stamp);
    built.push(target.name);
  }
  return built;
}
