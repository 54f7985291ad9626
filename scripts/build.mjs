// npm run build: compiles every package to its dist/, then bundles the pages that run in a browser.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { root, runTool } from './run-tool.mjs';

const pages = ['web-console', 'virtual-hall'].filter((folder) => existsSync(path.join(root, folder, 'vite.config.ts')));
const built = runTool('tsc', ['-b']) && pages.every((folder) => runTool('vite', ['build'], folder));
process.exitCode = built ? 0 : 1;
