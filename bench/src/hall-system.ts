/** The product as it is delivered: one server process and agent processes, set up by its own command line. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { systemClock, type HallContent } from '@hall/contracts';
import { demoContent } from '@hall/simulators';
import { bootstrap, type Administrator } from './administrator.ts';
import { startChild, type Child } from './child.ts';
import { confirmedScreens, storedCalls } from './hall-facts.ts';
import { HALL, SOURCE, batchRequest, callEvent, eventRequest, eventsUrl, hallOffsetMs, windowOpened } from './hall-events.ts';
import { probeEnv, probeFlags } from './held-memory.ts';
import { agentMain, productFlags, serverMain } from './paths.ts';
import { HttpPool } from './raw-http.ts';
import { STRIP_PX, type Devices } from './devices.ts';
import type { CallSystem } from './system.ts';

export const PLATFORM = 'city';
// The code is printed on the first start with a data folder, as every one here is.
const STARTED = /console: (?<http>http:\S+)\s+MQTT: (?<mqtt>mqtt:\S+)\s+.*one-time code \(10 min\): (?<code>\S+)\n/;
/** Devices have connected and shown their first picture by then. */
const READY_MS = 60_000;
const LOOK_MS = 50;
/** Clock, power, brightness, and the first picture. */
const FIRST_FRAMES = 4;
const SETTLE_MS = 1000;
const clock = systemClock();

export interface HallPlan {
  readonly agents: number;
  readonly windows: number;
  readonly stripsPerWindow?: number;
  /** Default 20, or one per window. */
  readonly departments?: number;
  /** Windows are dealt out to the agents one by one, so that every part of the hall has devices at each. Default: in areas. */
  readonly dealt?: boolean;
}

/** A hall set up and not started: content, credentials; copied for each run. */
export interface PreparedHall {
  readonly folder: string;
  readonly plan: HallPlan;
  readonly content: HallContent;
  readonly secret: string;
  readonly mqttPassword: string;
  readonly passwords: ReadonlyMap<string, string>;
  readonly strips: Devices | undefined;
  remove(): Promise<void>;
}

export async function command(folder: string, ...args: string[]): Promise<Record<string, string>> {
  const config = ['--config', path.join(folder, 'server.json'), '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, [serverMain, ...args, ...config], { cwd: folder });
  return JSON.parse(stdout.slice(stdout.indexOf('{'))) as Record<string, string>;
}

function contentOf(
  { agents, windows, stripsPerWindow = 1, departments = 20, dealt = false }: HallPlan,
  names: readonly string[],
  strips?: Devices,
): HallContent {
  const count = windows * stripsPerWindow;
  const ports = Array.from({ length: count }, (_, at) => strips?.plugs[at]?.port || 5005);
  const content = demoContent({
    windows,
    stripsPerWindow,
    departments: Math.min(departments, windows),
    agents: names.slice(0, agents),
    boards: false,
    stripPorts: ports,
    stripWidthPx: STRIP_PX.widthPx,
    stripHeightPx: STRIP_PX.heightPx,
  });
  if (!strips) return { ...content, devices: [] };
  const devices = content.devices.map((device, at) => ({
    ...device,
    ...(dealt && { agent: names[Math.floor(at / stripsPerWindow) % agents] ?? device.agent }),
    ...(strips.line === 'pty' && { settings: { transport: 'serial', path: strips.plugs[at]?.address, baud: 57_600 } }),
  }));
  return { ...content, devices };
}

/** Sets a hall up in a folder of its own. Without strips it has no devices. */
export async function prepareHall(plan: HallPlan, strips?: Devices): Promise<PreparedHall> {
  const folder = await mkdtemp(path.join(tmpdir(), 'hall-bench-'));
  const names = Array.from({ length: plan.agents }, (_, at) => `agent-${String.fromCharCode(97 + at)}`);
  const content = contentOf(plan, names, strips);
  await writeFile(path.join(folder, 'server.json'), JSON.stringify(serverConfig('data')));
  await writeFile(path.join(folder, 'content.json'), JSON.stringify(content));
  await command(folder, 'content', 'import', '--file', path.join(folder, 'content.json'));
  const { secret = '', mqttPassword = '' } = await command(folder, 'platform', 'add', PLATFORM, '--source', SOURCE);
  const passwords = new Map<string, string>();
  for (const name of names) passwords.set(name, (await command(folder, 'agent', 'add', name))['password'] ?? '');
  const remove = () => rm(folder, { recursive: true, force: true });
  return { folder, plan, content, secret, mqttPassword, passwords, strips, remove };
}

export const serverConfig = (data: string) => ({
  hall: HALL,
  data,
  http: { port: 0 },
  mqtt: { port: 0 },
  simulation: { offsetMs: hallOffsetMs, speed: 1 },
  log: 'warn',
});

export interface HallSystem extends CallSystem {
  readonly mqttUrl: string;
  readonly eventsUrl: string;
  readonly secret: string;
  readonly mqttPassword: string;
  /** Makes the first administrator, which works once. */
  readonly administrator: () => Promise<Administrator>;
  readonly server: Child;
  readonly agents: readonly Child[];
  /** Database file of the server. */
  readonly store: string;
  /** Ids of the services. */
  readonly services: readonly string[];
}

export interface HallStart {
  /** Environment of the server process only. */
  readonly serverEnv?: Readonly<Record<string, string>>;
  readonly nodeFlags?: readonly string[];
  /** Folder of the answers of processes that can be asked what memory they hold. */
  readonly probe?: string;
}

/** Starts a prepared hall on a fresh copy of its data; resolves when every strip shows its first picture and all windows are open. */
export async function startHall(prepared: PreparedHall, start: HallStart = {}): Promise<HallSystem> {
  const { plan, secret, mqttPassword, passwords, strips, content } = prepared;
  const { probe } = start;
  const nodeFlags = [...productFlags(), ...(start.nodeFlags ?? []), ...(probe === undefined ? [] : probeFlags())];
  const envOf = (name: string) => (probe === undefined ? {} : probeEnv(probe, name));
  const folder = await mkdtemp(path.join(tmpdir(), 'hall-bench-run-'));
  const processes: Child[] = [];
  const close = async () => {
    for (const child of processes.toReversed()) await child.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const data = path.join(folder, 'server');
    await cp(path.join(prepared.folder, 'data'), data, { recursive: true });
    const config = path.join(folder, 'server.json');
    await writeFile(config, JSON.stringify(serverConfig(data)));
    const server = await startChild({
      name: 'server',
      file: serverMain,
      args: ['start', '--config', config],
      nodeFlags,
      env: { ...start.serverEnv, ...envOf('server') },
      folder,
      ready: STARTED,
    });
    processes.push(server);
    const { http = '', mqtt = '', code = '' } = server.said?.groups ?? {};
    const before = (await strips?.progress()) ?? [];
    if (strips) {
      for (const [name, password] of passwords)
        processes.push(await startAgent({ folder, name, password, mqtt, nodeFlags, env: envOf(name) }));
      const shown = async () =>
        (await strips.progress()).every(
          ({ frames, areas }, at) => frames >= (before[at]?.frames ?? 0) + FIRST_FRAMES && areas > 0,
        );
      await until(shown, 'every strip shows a picture');
    }
    const url = eventsUrl(http);
    await openWindows(http, secret, content);
    await clock.machine.sleep(SETTLE_MS);
    const windows = content.windows.map(({ id }) => id);
    const store = path.join(data, 'hall.db');
    return {
      url: http,
      mqttUrl: mqtt,
      eventsUrl: url,
      secret,
      mqttPassword,
      administrator: () => bootstrap(http, code),
      server,
      processes,
      store,
      agents: processes.slice(1),
      services: content.services.map(({ id }) => id),
      strips: plan.windows * (plan.stripsPerWindow ?? 1),
      request: (call, strip) =>
        eventRequest(url, secret, callEvent(call, windows[Math.floor(strip / (plan.stripsPerWindow ?? 1))] ?? '')),
      listen: (heard) => {
        if (strips) strips.heard = heard;
      },
      acknowledged: () => confirmedScreens(store, content),
      stored: () => storedCalls(store),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

interface AgentStart {
  readonly folder: string;
  readonly name: string;
  readonly password: string;
  readonly mqtt: string;
  readonly nodeFlags: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

async function startAgent({ folder, name, password, mqtt, nodeFlags, env }: AgentStart): Promise<Child> {
  const home = path.join(folder, name);
  await mkdir(home);
  await writeFile(path.join(home, 'secret'), password, { mode: 0o600 });
  const config = path.join(home, 'agent.json');
  const server = { url: mqtt, passwordFile: 'secret' };
  await writeFile(config, JSON.stringify({ hall: HALL, agent: name, server, data: 'data', kiosk: { port: 0 }, log: 'info' }));
  return startChild({
    name,
    file: agentMain,
    args: ['start', '--config', config],
    nodeFlags,
    env,
    folder: home,
    ready: /agent started/,
  });
}

async function openWindows(http: string, secret: string, { windows }: HallContent): Promise<void> {
  const pool = await HttpPool.open(http, 1);
  const events = windows.map(({ id }) => windowOpened(id));
  const { status, body } = await pool.send(batchRequest(eventsUrl(http), secret, 'windows', events));
  pool.close();
  if (status !== 202) throw new Error(`windows could not be opened: ${status} ${body}`);
}

async function until(reached: () => Promise<boolean>, what: string): Promise<void> {
  const endMs = clock.machine.nowMs() + READY_MS;
  while (!(await reached())) {
    if (clock.machine.nowMs() > endMs) throw new Error(`not within ${READY_MS} ms: ${what}`);
    await clock.machine.sleep(LOOK_MS);
  }
}
