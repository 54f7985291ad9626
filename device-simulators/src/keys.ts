/** Presses a key of a window once: `node dist/keys.js --file agent-data/call-port.json --window w01 next`. */
import { parseArgs } from 'node:util';
import { createKeyBox, type KeyAct } from './key-box.ts';

const ACTS: readonly string[] = ['next', 'recall', 'no_show', 'pause', 'resume', 'black', 'show'];
const usage = `usage: keys.js --file <call-port.json> [--window w01] ${ACTS.join('|')}\n`;

function read() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { file: { type: 'string' }, window: { type: 'string', default: 'w01' } },
    });
  } catch {
    return undefined;
  }
}

const given = read();
const [act = ''] = given?.positionals ?? [];
const { file, window = 'w01' } = given?.values ?? {};
if (file === undefined || given?.positionals.length !== 1 || !ACTS.includes(act)) {
  process.stderr.write(usage);
  process.exit(2);
}
const box = createKeyBox({ file, window });
const { status, body } = act === 'black' || act === 'show' ? await box.blank(act === 'black') : await box.press(act as KeyAct);
process.stdout.write(`${status} ${JSON.stringify(body)}\n`);
process.exit(status === 200 ? 0 : 1);
