/** Runs a TypeScript file of the repository from source, with the arguments of this command, and exits as it does. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * @param {string} file relative to the repository
 * @param {readonly string[]} [nodeFlags]
 */
export function runSource(file, nodeFlags = []) {
  if (!existsSync(`${root}/node_modules/tsx`)) {
    console.error('Nothing is installed yet. Run `npm start` or `npm test` once, or `npm ci`.');
    process.exit(1);
  }
  const flags = [...nodeFlags, '--conditions=@hall/source', '--import', 'tsx'];
  const { status, signal } = spawnSync(process.execPath, [...flags, file, ...process.argv.slice(2)], {
    cwd: root,
    stdio: 'inherit',
  });
  process.exit(status ?? (signal === 'SIGINT' ? 130 : 1));
}
