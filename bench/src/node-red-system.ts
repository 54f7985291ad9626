/** Node-RED doing the same job, with the same kind of broker beside it. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { execFile } from 'node:child_process';
import { systemClock } from '@hall/contracts';
import { startChild } from './child.ts';
import { callBody, startFloor } from './floor-system.ts';
import { nodeRedFlows } from './node-red-flows.ts';
import { nodeRedFolder } from './paths.ts';
import { postBytes } from './raw-http.ts';
import type { Devices } from './devices.ts';
import type { CallSystem } from './system.ts';

const red = path.join(nodeRedFolder, 'node_modules/node-red/red.js');
/** After the broker it opens its connections to the devices. */
const SETTLE_MS = 2000;
const { machine } = systemClock();

/** Installs Node-RED from its own lock file. @throws Error if that is not possible. */
export async function installNodeRed(say: (text: string) => void): Promise<void> {
  if (existsSync(red)) return;
  say('installing Node-RED from bench/peers/node-red');
  await promisify(execFile)('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: nodeRedFolder });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await promisify(server.close.bind(server))();
  return port;
}

/** Starts a broker and Node-RED; resolves when its flows run. */
export async function startNodeRed(devices: Devices): Promise<CallSystem> {
  const folder = await mkdtemp(path.join(tmpdir(), 'hall-bench-node-red-'));
  const broker = await startFloor({ agents: 0 });
  const port = await freePort();
  const flows = nodeRedFlows({ mqttPort: broker.mqttPort, devicePorts: devices.plugs.map((plug) => plug.port) });
  await writeFile(path.join(folder, 'flows.json'), JSON.stringify(flows));
  const settings = {
    uiHost: '127.0.0.1',
    uiPort: port,
    httpAdminRoot: false,
    flowFile: 'flows.json',
    userDir: folder,
    credentialSecret: false,
    telemetry: { enabled: false },
    logging: { console: { level: 'info', metrics: false, audit: false } },
  };
  await writeFile(path.join(folder, 'settings.js'), `module.exports = ${JSON.stringify(settings)};`);
  const server = await startChild({
    name: 'node-red',
    file: red,
    args: ['--settings', path.join(folder, 'settings.js')],
    folder,
    ready: /Connected to broker/,
  });
  await machine.sleep(SETTLE_MS);
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    strips: devices.plugs.length,
    processes: [server],
    request: (call, strip) =>
      postBytes(`${url}/event`, { 'content-type': 'application/json', 'x-device': String(strip) }, callBody(call, `w${strip}`)),
    listen: (heard) => {
      devices.heard = heard;
    },
    close: async () => {
      await server.stop();
      await broker.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
