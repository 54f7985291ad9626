/** A hall of many agents with one strip each, set up and not started. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { LightIdentity } from '@hall/proof/light-fleet';
import { createHallServer, parseConfig } from '@hall/server';
import { demoContent } from '@hall/simulators';
import { pino } from 'pino';
import { SOURCE } from './hall-events.ts';
import { command, PLATFORM, serverConfig, type PreparedHall } from './hall-system.ts';

const DEPARTMENTS = 5;
const DIGITS = 4;
/** A hall has up to 500 windows; with two strips at each there are a thousand agents. */
const STRIPS_PER_WINDOW = 2;

export interface FleetHall extends PreparedHall {
  /** In the order of the strips, those of a window together. */
  readonly logins: readonly LightIdentity[];
}

/**
 * Agents come in pairs, one for each strip of a window, and a call is told to both. The command line would start a process for each
 * of a thousand agents; they are admitted by the server it starts.
 */
export async function prepareFleetHall(agents: number): Promise<FleetHall> {
  const folder = await mkdtemp(path.join(tmpdir(), 'hall-bench-'));
  const names = Array.from({ length: agents }, (_, at) => `agent-${String(at + 1).padStart(DIGITS, '0')}`);
  const stripPorts = names.map(() => 5005);
  const windows = Math.ceil(agents / STRIPS_PER_WINDOW);
  const made = demoContent({
    windows,
    stripsPerWindow: STRIPS_PER_WINDOW,
    departments: DEPARTMENTS,
    agents: names,
    stripPorts,
    boards: false,
  });
  const content = { ...made, devices: made.devices.map((device, at) => ({ ...device, agent: names[at] ?? device.agent })) };
  const config = serverConfig('data');
  await writeFile(path.join(folder, 'server.json'), JSON.stringify(config));
  const { secret = '', mqttPassword = '' } = await command(folder, 'platform', 'add', PLATFORM, '--source', SOURCE);
  const log = pino({ level: 'silent' });
  const server = await createHallServer(parseConfig({ ...config, data: path.join(folder, 'data') }), { log });
  const logins: LightIdentity[] = [];
  try {
    await server.services.content.replace({ by: 'bench', address: '' }, content);
    for (const id of names) logins.push({ id, password: (await server.services.agents.admit(id)).password });
  } finally {
    await server.close();
  }
  return {
    folder,
    plan: { agents, windows, stripsPerWindow: STRIPS_PER_WINDOW },
    content,
    secret,
    mqttPassword,
    passwords: new Map(),
    strips: undefined,
    logins,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
