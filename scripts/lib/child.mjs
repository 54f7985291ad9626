/** One of the product's processes: started, watched, killed on request, started again when it dies. */
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import path from 'node:path';
import { root } from './run.mjs';

const RESTART_MS = 2000;
const STOP_MS = 8000;
const MOST_DEATHS = 5;
const DEATHS_WITHIN_MS = 60_000;
const TAIL_LINES = 12;

/**
 * @param {object} options
 * @param {string} options.name
 * @param {string} [options.command] the program; default Node itself
 * @param {string[]} options.args
 * @param {string} options.logs folder of the log file
 * @param {(line: string) => void} [options.line] each line of output
 * @param {(state: 'running' | 'killed' | 'starting') => void} [options.state]
 * @param {(message: any) => void} [options.message] messages, if it is to be talked with
 * @param {(name: string, tail: string[]) => void} options.hopeless it died too often
 */
export function createChild({ name, command = process.execPath, args, logs, line, state, message, hopeless }) {
  mkdirSync(logs, { recursive: true });
  const log = createWriteStream(path.join(logs, `${name}.log`), { flags: 'a' });
  const tail = [];
  let deaths = [];
  let child;
  let stopping = false;
  let timer;

  function hear(text) {
    log.write(text);
    for (const each of text.split('\n')) {
      if (each.trim() === '') continue;
      tail.push(each);
      if (tail.length > TAIL_LINES) tail.shift();
      line?.(each);
    }
  }

  function start() {
    state?.('starting');
    child = spawn(command, args, {
      cwd: root,
      // Programs of ours look for `node` there: it is to be this one.
      env: { ...process.env, PATH: `${path.dirname(process.execPath)}:${process.env.PATH}` },
      stdio: ['ignore', 'pipe', 'pipe', ...(message ? ['ipc'] : [])],
      // A terminal's Ctrl-C goes to the whole group; the launcher alone decides the order in which things stop.
      detached: true,
    });
    child.stdout.setEncoding('utf8').on('data', hear);
    child.stderr.setEncoding('utf8').on('data', hear);
    if (message) child.on('message', message);
    child.once('spawn', () => state?.('running'));
    child.once('exit', () => {
      if (stopping) return;
      state?.('killed');
      const now = Date.now();
      deaths = [...deaths.filter((at) => now - at < DEATHS_WITHIN_MS), now];
      if (deaths.length > MOST_DEATHS) hopeless(name, tail);
      else timer = setTimeout(start, RESTART_MS);
    });
  }

  const gone = () => child === undefined || child.exitCode !== null || child.signalCode !== null;
  return {
    name,
    start,
    /** kill -9; it is started again a moment later. */
    kill: () => child?.kill('SIGKILL'),
    send: (what) => {
      if (child?.connected) child.send(what);
    },
    async stop() {
      stopping = true;
      clearTimeout(timer);
      if (!gone()) {
        const exited = new Promise((resolve) => {
          child.once('exit', resolve);
        });
        child.kill('SIGTERM');
        const force = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
        await exited;
        clearTimeout(force);
      }
      log.end();
    },
  };
}
