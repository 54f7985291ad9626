/**
 * Where the programs of a benchmark lie. The product runs as it is delivered, what it is compared with as plain JavaScript; only the
 * generator runs from source.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** This file is `bench/src/paths.ts`, or `bench/dist/src/paths.js` when built. */
const bench = new URL(import.meta.url.endsWith('.ts') ? '../' : '../../', import.meta.url);

export const root = fileURLToPath(new URL('../', bench));
export const results = fileURLToPath(new URL('results/', bench));
export const slowFsyncSource = fileURLToPath(new URL('tools/slow-fsync.c', bench));
export const nodeRedFolder = fileURLToPath(new URL('peers/node-red/', bench));
export const serverMain = fileURLToPath(new URL('../hall-server/bundle/main.js', bench));
export const agentMain = fileURLToPath(new URL('../edge-agent/bundle/main.js', bench));

/** What the first line of both programs tells Node, `#!/usr/bin/env -S node --flag`: what they are compared with runs with the same. */
export const productFlags = (): readonly string[] =>
  (readFileSync(serverMain, 'utf8').split('\n', 1)[0] ?? '').split(' ').slice(3);

/** A program of this folder, built. */
export const built = (name: string): string => fileURLToPath(new URL(`dist/src/${name}.js`, bench));
