import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Runs an installed tool in a folder of the repository with its output on the terminal.
 * @param {string} tool name under node_modules/.bin
 * @param {readonly string[]} args
 * @param {string} [folder] relative to the repository
 * @returns {boolean} whether it succeeded
 */
export function runTool(tool, args, folder = '.') {
  const program = path.join(root, 'node_modules/.bin', tool);
  const { status, error } = spawnSync(program, args, { cwd: path.join(root, folder), stdio: 'inherit' });
  if (error) console.error(`${tool}: ${error.message}`);
  return status === 0;
}
