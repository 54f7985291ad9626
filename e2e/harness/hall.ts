/** A whole hall in one process: server, agents, strips, platform and checker, over real sockets on port 0. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createEdgeAgent, parseConfig as parseAgentConfig, type EdgeAgent } from '@hall/agent';
import { systemClock, type Clock, type HallContent } from '@hall/contracts';
import { createHallServer, parseConfig as parseServerConfig, type HallServer } from '@hall/server';
import { demoContent } from '@hall/simulators';
import { openStrips, type StageStrip } from '@hall/virtual-hall';
import { pino } from 'pino';

export const HALL = 'a';
export const PLATFORM = 'city';
export const SOURCE = '/city/queue';
/** Monday 2026-11-23 10:20 in the hall's zone. */
export const BUSY_MOMENT = Date.UTC(2026, 10, 23, 2, 20);

export interface HallOptions {
  /** Default 4. */
  readonly windows?: number;
  /** Default one agent. */
  readonly agents?: readonly string[];
  /** Hall milliseconds per machine millisecond; default 1. */
  readonly speed?: number;
  readonly boards?: boolean;
  /** An external broker instead of the embedded one. */
  readonly external?: { readonly url: string; readonly username: string; readonly passwordFile: string };
  /** Changes the content before it is stored. */
  readonly content?: (content: HallContent) => HallContent;
  /** Runs before an agent connects; for brokers that keep their own users. */
  readonly admitted?: (agent: string, password: string) => Promise<void>;
  readonly log?: 'silent' | 'warn' | 'info' | 'debug';
}

export interface RunningHall {
  readonly clock: Clock;
  readonly server: HallServer;
  readonly agents: ReadonlyMap<string, EdgeAgent>;
  readonly strips: ReadonlyMap<string, StageStrip>;
  readonly content: HallContent;
  /** Address of the intake. */
  readonly eventsUrl: string;
  /** Standard Webhooks secret and MQTT password of the platform. */
  readonly secret: string;
  readonly mqttPassword: string;
  readonly folder: string;
  close(): Promise<void>;
}

/** Starts a hall whose screens are connected; nothing has happened in it yet. */
export async function startHall(options: HallOptions = {}): Promise<RunningHall> {
  const { windows = 4, agents: names = ['agent-a'], speed = 1 } = options;
  const closers: Array<() => Promise<void> | void> = [];
  const close = async () => {
    for (const closer of closers.splice(0).toReversed()) await closer();
  };
  try {
    const folder = await mkdtemp(path.join(tmpdir(), 'hall-e2e-'));
    closers.push(() => rm(folder, { recursive: true, force: true }));
    const simulation = { offsetMs: BUSY_MOMENT - Date.now(), speed };
    const clock = systemClock(simulation);
    const log = pino({ level: options.log ?? 'silent' });

    const free = demoContent({
      windows,
      departments: Math.min(3, windows),
      agents: names,
      stripPorts: Array.from({ length: windows }, () => 0),
      boards: options.boards ?? false,
    });
    const opened = await openStrips(free, clock);
    closers.push(async () => void (await Promise.all(opened.map((strip) => strip.close()))));
    const portOf = new Map(opened.map((strip) => [strip.id, strip.port]));
    const wired: HallContent = {
      ...free,
      devices: free.devices.map((device) =>
        portOf.has(device.id) ? { ...device, settings: { ...device.settings, port: portOf.get(device.id) } } : device,
      ),
    };
    const content = options.content?.(wired) ?? wired;

    const server = await createHallServer(
      parseServerConfig({
        hall: HALL,
        data: path.join(folder, 'server'),
        http: { port: 0 },
        mqtt: options.external ? { external: options.external } : { port: 0 },
        simulation,
        ballastMb: 0,
        log: 'silent',
      }),
      { clock, log },
    );
    closers.push(() => server.close());
    const { services } = server;
    await services.content.replace({ by: 'test', address: '127.0.0.1' }, content);
    const { secret, mqttPassword } = await services.platforms.add(PLATFORM, [SOURCE]);

    const agents = new Map<string, EdgeAgent>();
    for (const agent of names) {
      const { password } = await services.agents.admit(agent);
      await options.admitted?.(agent, password);
      const passwordFile = path.join(folder, `${agent}.password`);
      await writeFile(passwordFile, password, { mode: 0o600 });
      const config = parseAgentConfig({
        hall: HALL,
        agent,
        server: { url: server.mqttUrl, passwordFile },
        data: path.join(folder, agent),
        kiosk: { port: 0 },
        log: 'silent',
      });
      const running = await createEdgeAgent(config, { clock, log });
      agents.set(agent, running);
      closers.push(() => running.close());
    }
    return {
      clock,
      server,
      agents,
      strips: new Map(opened.map((strip) => [strip.id, strip])),
      content,
      eventsUrl: `${server.httpUrl}/api/v1/halls/${HALL}/platform/events`,
      secret,
      mqttPassword,
      folder,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
