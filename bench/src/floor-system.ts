/** The raw floor: what HTTP, SQLite, MQTT and a device line cost by themselves, in as many processes as the product. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { signWebhook } from '@hall/simulators';
import Database from 'better-sqlite3';
import { startChild, type Child } from './child.ts';
import { SOURCE, hallOffsetMs, callEvent } from './hall-events.ts';
import { built, productFlags } from './paths.ts';
import { postBytes } from './raw-http.ts';
import type { Devices } from './devices.ts';
import type { CallSystem } from './system.ts';
import { callIn } from './tickets.ts';

const PORTS = /\{"http":(?<http>\d+),"mqtt":(?<mqtt>\d+)\}/;

export interface FloorSystem extends CallSystem {
  readonly mqttPort: number;
  /** A request that is stored and goes to no device. */
  storeOnly(call: number): Buffer;
  /** The same, signed and checked; `once`: and known again. */
  signedStoreOnly(call: number, way: 'signed' | 'once'): Buffer;
}

export interface FloorStart {
  readonly agents: number;
  /** Without devices only the intake runs. */
  readonly devices?: Devices;
  /** Environment of the server process only. */
  readonly serverEnv?: Readonly<Record<string, string>>;
  /** The broker as its package delivers it. */
  readonly stock?: boolean;
}

/** The same event as the product's, unsigned. */
export function callBody(call: number, window: string): string {
  const time = new Date(Date.now() + hallOffsetMs).toISOString();
  return JSON.stringify({ specversion: '1.0', source: SOURCE, time, ...callEvent(call, window) });
}

/** Starts server and agents; resolves when every agent has opened its devices. */
export async function startFloor({ agents, devices, serverEnv = {}, stock = false }: FloorStart): Promise<FloorSystem> {
  const folder = await mkdtemp(path.join(tmpdir(), 'hall-bench-floor-'));
  const store = path.join(folder, 'floor.db');
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  const processes: Child[] = [];
  const close = async () => {
    for (const child of processes.toReversed()) await child.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const args = stock ? [store, 'stock'] : [store];
    const nodeFlags = productFlags();
    const server = await startChild({
      name: 'server',
      file: built('floor-server'),
      args,
      nodeFlags,
      env: { ...serverEnv, FLOOR_SECRET: secret },
      ready: PORTS,
    });
    processes.push(server);
    const { http = '', mqtt = '' } = server.said?.groups ?? {};
    const url = `http://127.0.0.1:${http}`;
    const lines = devices?.plugs.map(({ address }, at) => `${at}=${address}`) ?? [];
    const share = Math.ceil(lines.length / agents);
    for (let at = 0; devices && at < agents; at += 1) {
      const own = lines.slice(at * share, (at + 1) * share);
      const name = `agent-${at + 1}`;
      processes.push(await startChild({ name, file: built('floor-agent'), args: [mqtt, ...own], nodeFlags, ready: /ready/ }));
    }
    const json = { 'content-type': 'application/json' };
    return {
      url,
      mqttPort: Number(mqtt),
      strips: lines.length,
      processes,
      request: (call, strip) => postBytes(`${url}/event`, { ...json, 'x-device': String(strip) }, callBody(call, `w${strip}`)),
      storeOnly: (call) => postBytes(`${url}/event`, json, callBody(call, 'w01')),
      signedStoreOnly: (call, way) => {
        const body = callBody(call, 'w01');
        return postBytes(`${url}/${way}`, { ...json, ...signWebhook(secret, `call-${call}`, Date.now(), body) }, body);
      },
      listen: (heard) => {
        if (devices) devices.heard = heard;
      },
      acknowledged: async () => {
        const told = (await (await fetch(`${url}/acknowledged`)).json()) as Array<[string, string, number]>;
        return told.map(([device, said, wallMs]) => ({ strip: Number(device), call: Number(said), wallMs }));
      },
      stored: async () => {
        const db = new Database(store, { readonly: true });
        const bodies = db.prepare<[], string>('SELECT body FROM fact').pluck().all();
        db.close();
        return new Set(bodies.map((body) => callIn(Buffer.from(body))));
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
