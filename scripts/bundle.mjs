/**
 * `node scripts/bundle.mjs [--out folder] [program …]`: makes what is delivered, each program as a few flat files in its own
 * `bundle/`. `--out`: in `<folder>/<program>/bundle` instead.
 */
import { chmodSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Entries by the name of their file, and the packages that stay outside: native ones and those that are files to serve. */
const programs = {
  'hall-server': {
    entries: { main: 'src/main.ts', 'writer-worker': 'src/platform/store/writer-worker.ts' },
    outside: ['better-sqlite3', '@node-rs/argon2'],
  },
  'edge-agent': {
    entries: { main: 'src/main.ts', thread: 'src/store/thread.ts', 'watch-thread': 'src/watchdog/watch-thread.ts' },
    outside: ['better-sqlite3', 'serialport', '@fontsource-variable/noto-sans-sc'],
  },
};

async function bundle(program, into) {
  const { entries, outside } = programs[program];
  const folder = path.join(root, program);
  await build({
    configFile: false,
    root: folder,
    publicDir: false,
    logLevel: 'warn',
    ssr: { noExternal: true, external: outside, resolve: { conditions: ['@hall/source', 'node', 'module', 'production'] } },
    build: {
      ssr: true,
      outDir: path.join(into, program, 'bundle'),
      emptyOutDir: true,
      target: 'node20',
      minify: false,
      sourcemap: true,
      rolldownOptions: {
        input: Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, path.join(folder, file)])),
        output: {
          entryFileNames: '[name].js',
          chunkFileNames: '[name]-[hash].js',
          // Node keeps the text of a file in memory, with two bytes a character if one of them is not Latin.
          charset: 'ascii',
          comments: { legal: true, annotation: false, jsdoc: false },
        },
      },
    },
  });
  // The command of the program: its first line says how Node is to run it.
  chmodSync(path.join(into, program, 'bundle/main.js'), 0o755);
}

const { values, positionals } = parseArgs({ options: { out: { type: 'string', default: root } }, allowPositionals: true });
for (const program of positionals.length > 0 ? positionals : Object.keys(programs)) {
  await bundle(program, path.resolve(values.out));
}
