/** Runs one simulated device until Ctrl-C: `node dist/cli.js onbon-k --port 5005`. */
import { parseArgs } from 'node:util';
import { systemClock } from '@hall/contracts';
import { listenTcp } from './listen-tcp.ts';
import { createOnbonKSimulator } from './onbon-k/index.ts';
import { openPty } from './pty.ts';

const usage = `usage: cli.js onbon-k [--port 5005] [--host 127.0.0.1] [--serial] [--baud 57600]
                      [--width 192] [--height 32] [--address 1] [--family 6K|5K]`;

function fail(message: string): never {
  process.stderr.write(`${message}\n${usage}\n`);
  process.exit(2);
}

function read() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        port: { type: 'string', default: '5005' },
        host: { type: 'string', default: '127.0.0.1' },
        serial: { type: 'boolean', default: false },
        baud: { type: 'string' },
        width: { type: 'string', default: '192' },
        height: { type: 'string', default: '32' },
        address: { type: 'string', default: '1' },
        family: { type: 'string', default: '6K' },
      },
    });
  } catch (error) {
    return fail((error as Error).message);
  }
}

function whole(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  return Number.isInteger(value) && value >= min && value <= max ? value : fail(`--${name}: ${min} to ${max}`);
}

const { values, positionals } = read();
if (positionals.length !== 1 || positionals[0] !== 'onbon-k') fail('name one device: onbon-k');
const { family } = values;
if (family !== '5K' && family !== '6K') fail('--family: 5K or 6K');

const clock = systemClock();
const baud = values.baud === undefined ? {} : { baud: whole('baud', values.baud, 300, 115_200) };
const simulator = createOnbonKSimulator({
  clock,
  family,
  widthPx: whole('width', values.width, 16, 7680),
  heightPx: whole('height', values.height, 8, 4320),
  address: whole('address', values.address, 0, 0x7fff),
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);
simulator.onFrame((frame) =>
  say(`${frame.direction === 'in' ? '→' : '←'} ${frame.describe.zh} · ${frame.describe.en}\n  ${frame.hex}`),
);
simulator.onChange(() => say(`  [${simulator.texts().join(' | ')}]`));

const line = values.serial
  ? openPty(simulator, { clock, ...baud })
  : await listenTcp(simulator, { port: whole('port', values.port, 0, 65_535), host: values.host, ...baud });
say(
  `onbon-k ${family} ${values.width}x${values.height}, screen ${values.address}: ${'path' in line ? line.path : `tcp://${line.host}:${line.port}`}`,
);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    simulator.close();
    void Promise.resolve(line.close()).then(() => process.exit(0));
  });
}
