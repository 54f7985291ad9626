import { spawn } from 'node:child_process';
import { say } from './say.mjs';

export const root = new URL('../..', import.meta.url).pathname;
const TAIL_LINES = 40;
const NEWS_EVERY_MS = 10_000;

/**
 * Runs a program to its end. Its output is kept; while it takes long, a line tells that it still runs.
 * Answers `{ code, output, tail }`; never throws for a failing program. `live` shows the output as it comes.
 */
export function run(command, args, { env = process.env, live = false, cwd = root, label = command } = {}) {
  return new Promise((resolve) => {
    let output = '';
    const began = Date.now();
    const child = spawn(command, args, { cwd, env, stdio: ['inherit', 'pipe', 'pipe'] });
    const news = setInterval(() => say(`    … ${label} ${Math.round((Date.now() - began) / 1000)} s`), NEWS_EVERY_MS);
    const hear = (bytes) => {
      output += bytes;
      if (live) process.stdout.write(bytes);
    };
    child.stdout.setEncoding('utf8').on('data', hear);
    child.stderr.setEncoding('utf8').on('data', hear);
    const end = (code) => {
      clearInterval(news);
      resolve({ code, output, tail: output.trimEnd().split('\n').slice(-TAIL_LINES) });
    };
    child.on('error', (error) => {
      output += `${error.message}\n`;
      end(127);
    });
    child.on('close', (code, signal) => end(code ?? (signal ? 1 : 0)));
  });
}
