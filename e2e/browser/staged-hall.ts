/** A whole hall with its stage and console in one process, over real sockets on free ports, for a browser to look at. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createEdgeAgent, parseConfig as parseAgentConfig } from '@hall/agent';
import { systemClock, type HallContent, type Role } from '@hall/contracts';
import { createHallServer, parseConfig as parseServerConfig, type HallServer } from '@hall/server';
import { createMessages, openCable } from '@hall/proof';
import { demoContent } from '@hall/simulators';
import {
  createVirtualHall,
  openAgentCable,
  openStrips,
  parseStageConfig,
  type AgentCable,
  type VirtualHall,
} from '@hall/virtual-hall';
import { pino } from 'pino';

const HALL = 'a';
const DAY = '2026-11-23';
/** Monday 2026-11-23 10:20 in the hall's zone. */
export const BUSY_MOMENT = Date.UTC(2026, 10, 23, 2, 20);
const AGENTS = ['agent-a', 'agent-b'];
const SOURCE = '/city/queue';
/** A card that hears nothing for this long goes back to its stored programme: short, so that nobody waits for it. */
const CARD = { areaTimeoutS: 5, refreshS: 2 };
/** Live fields; twice what the server needs to renew them. */
const LIVE_MAX_AGE_S = 10;

/** Not in any list of common passwords. */
export const PASSWORD = 'yunzhou-bridge-58';

export interface StagedHall {
  readonly server: HallServer;
  readonly stage: VirtualHall;
  readonly content: HallContent;
  /** Where a browser finds the console; the way there is {@link StagedHall.consoleCable}. */
  readonly consoleUrl: string;
  readonly consoleCable: AgentCable;
  /** Board page of an area, by its device. */
  readonly boards: ReadonlyMap<string, string>;
  /** Every address that belongs to this hall. */
  readonly origins: ReadonlySet<string>;
  /** Makes the first administrator, and further people with passwords of their own. */
  admit(name: string, display: string, roles?: readonly Role[]): Promise<void>;
  /** What a visitor reads on the strip of a window. */
  shown(window: string): string;
  /** Rejects if an MQTT message was not as the AsyncAPI document says. */
  close(): Promise<void>;
}

/** Eight windows in two areas; people come, but the counters wait for the tests' own hands most of the time. */
function contentOf(): HallContent {
  const content = demoContent({ windows: 8, departments: 3, agents: AGENTS, stripPorts: Array.from({ length: 8 }, () => 0) });
  return {
    ...content,
    settings: { ...content.settings, liveMaxAgeS: LIVE_MAX_AGE_S },
    devices: content.devices.map((device) =>
      device.driver === 'onbon-k' ? { ...device, settings: { ...device.settings, ...CARD } } : device,
    ),
  };
}

/** Starts everything; when it resolves, pages can be opened and agents are on their way. */
export async function openStagedHall(): Promise<StagedHall> {
  const closers: (() => Promise<unknown> | void)[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).toReversed()) await closer();
  };
  try {
    const messages = createMessages();
    closers.push(() => messages.verify());
    const folder = await mkdtemp(path.join(tmpdir(), 'hall-browser-'));
    closers.push(() => rm(folder, { recursive: true, force: true }));
    const simulation = { offsetMs: BUSY_MOMENT - Date.now(), speed: 1 };
    const clock = systemClock(simulation);
    const log = pino({ level: 'silent' });

    const planned = contentOf();
    const strips = await openStrips(planned, clock);
    closers.push(() => Promise.all(strips.map((strip) => strip.close())));
    const portOf = new Map(strips.map(({ id, port }) => [id, port]));
    const content: HallContent = {
      ...planned,
      devices: planned.devices.map((device) =>
        portOf.has(device.id) ? { ...device, settings: { ...device.settings, port: portOf.get(device.id) } } : device,
      ),
    };

    const server = await createHallServer(
      parseServerConfig({
        hall: HALL,
        data: path.join(folder, 'server'),
        http: { port: 0 },
        mqtt: { port: 0 },
        simulation,
        ballastMb: 0,
        log: 'silent',
      }),
      { clock, log },
    );
    closers.push(() => server.close());
    const { services } = server;
    const asker = { by: 'test', address: '127.0.0.1' };
    await services.content.replace(asker, content);
    const { secret } = await services.platforms.add('city', [SOURCE]);

    const port = (url: string) => Number(new URL(url).port);
    const target = { host: '127.0.0.1', port: port(server.mqttUrl) };
    const wayToBroker = await openCable({ target: () => target, see: messages.see });
    closers.push(() => wayToBroker.close());
    const consoleCable = await openAgentCable({
      agent: 'console',
      port: 0,
      target: { host: '127.0.0.1', port: port(server.httpUrl) },
      message: () => {},
    });
    closers.push(() => consoleCable.close());
    const consoleUrl = `http://127.0.0.1:${consoleCable.port}`;

    const config = parseStageConfig({
      hall: HALL,
      content,
      day: DAY,
      tickets: 300,
      simulation,
      server: { baseUrl: server.httpUrl, secret, source: SOURCE },
      cables: { target: { port: wayToBroker.port }, agents: AGENTS.map((agent) => ({ agent, port: 0 })) },
      consoleUrl: `${consoleUrl}/`,
      stage: { port: 0 },
    });
    const stage = await createVirtualHall(config, { clock, strips });
    closers.push(() => stage.close());

    const boards = new Map<string, string>();
    for (const agent of AGENTS) {
      const { password } = await services.agents.admit(agent);
      const passwordFile = path.join(folder, `${agent}.password`);
      await writeFile(passwordFile, password, { mode: 0o600 });
      const running = await createEdgeAgent(
        parseAgentConfig({
          hall: HALL,
          agent,
          server: { url: `mqtt://127.0.0.1:${stage.cables.get(agent)?.port}`, passwordFile },
          data: path.join(folder, agent),
          kiosk: { port: 0 },
          log: 'silent',
        }),
        { clock, log },
      );
      closers.push(() => running.close());
      for (const { id, name } of content.devices.filter((device) => device.agent === agent && device.driver === 'kiosk')) {
        const url = `${running.kioskUrl}/screen/${id}`;
        boards.set(id, url);
        // An agent reaches the broker through the stage's cable, and takes its page's port then: the stage learns of it here.
        config.boards.push({ name, url });
      }
    }

    return {
      server,
      stage,
      content,
      consoleUrl,
      consoleCable,
      boards,
      origins: new Set([consoleUrl, stage.url, ...[...boards.values()].map((url) => new URL(url).origin)]),
      async admit(name, display, roles = ['administrator']) {
        if (services.people.bootstrap.open()) {
          const code = server.bootstrapCode ?? '';
          await services.people.bootstrap.use({ code, name, display, password: PASSWORD }, asker.address);
          return;
        }
        const { password } = await services.people.create(asker, { name, display, roles });
        const token = await services.people.signIn({ name, password }, asker.address, 'test');
        const person = services.people.authenticate(token);
        if (!person) throw new Error(`${name} cannot sign in`);
        await services.people.changePassword(person, { current: password, password: PASSWORD }, asker.address);
      },
      shown: (window) => stage.strips.get(`strip-${window}`)?.simulator.texts().join(' ') ?? '',
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
