/** A whole hall in one process: server, agents, strips and their cables, over real sockets on port 0. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { createEdgeAgent, createLog, parseConfig as parseAgentConfig, type EdgeAgent } from '@hall/agent';
import { systemClock, type Clock, type HallContent } from '@hall/contracts';
import { createHallServer, parseConfig as parseServerConfig, type HallServer } from '@hall/server';
import { demoContent } from '@hall/simulators';
import { pino } from 'pino';
import { openTcpLine } from '@hall/fault-rig';
import { chosenBroker, startBroker } from './brokers.ts';
import { openCable, type Cable } from './cable.ts';
import { createFeed, type Feed } from './feed.ts';
import { createMessages, type Messages, type MessagesOptions } from './messages.ts';
import { openOutcomeEar } from './outcome-ear.ts';
import type { BrokerName, OutsideBroker } from './outside-broker.ts';
import { openTestStrips, type Line, type TestStrip } from './strips.ts';

export const HALL = 'a';
export const PLATFORM = 'city';
export const SOURCE = '/city/queue';
/** Monday 2026-11-23 10:20 in the hall's zone. */
export const BUSY_MOMENT = Date.UTC(2026, 10, 23, 2, 20);

export interface HallOptions extends MessagesOptions {
  /** Default 4. */
  readonly windows?: number;
  /** Default one agent. */
  readonly agents?: readonly string[];
  /** Hall milliseconds per machine millisecond; default 1. */
  readonly speed?: number;
  /** Hall time at the start; default a busy moment of a working day. */
  readonly startMs?: number;
  /** Default: the system's clock with hall time as above. */
  readonly clock?: Clock;
  /** Of the agents alone; default the same as the server's. */
  readonly agentClock?: Clock;
  readonly boards?: boolean;
  /** How strips are connected; default tcp. */
  readonly line?: Line;
  /** Others than `embedded` are Debian's, started as processes of their own. Default: as chosen for the whole suite, or embedded. */
  readonly broker?: BrokerName;
  /**
   * How agents sign in: default with a password. `mutual-tls`: each enrols itself and is admitted at once; its cable carries TLS,
   * so the messages of agents are not looked at. `by-hand`: the same, and the test admits.
   */
  readonly signIn?: 'password' | 'mutual-tls' | 'by-hand';
  /** Changes the content before it is stored. */
  readonly content?: (content: HallContent) => HallContent;
  /** Settings of the agents beside the usual. */
  readonly agentConfig?: { readonly island?: object; readonly speech?: object };
  readonly log?: 'silent' | 'warn' | 'info' | 'debug';
}

export interface RunningHall {
  readonly clock: Clock;
  /** The present one; another after a restart. Its `mqttUrl` is a cable to the broker: what passes is looked at. */
  readonly server: HallServer;
  readonly agents: ReadonlyMap<string, EdgeAgent>;
  readonly strips: ReadonlyMap<string, TestStrip>;
  /** The network cable between an agent and the broker, by agent. */
  readonly cables: ReadonlyMap<string, Cable>;
  readonly content: HallContent;
  /** Every MQTT message into or out of the broker, and every last will left with it. */
  readonly messages: Messages;
  readonly feed: Feed;
  /** Address of the intake. */
  readonly eventsUrl: string;
  /** Where a platform reaches the broker; what passes is looked at. */
  readonly platformMqttUrl: string;
  /** Standard Webhooks secret and MQTT password of the platform. */
  readonly secret: string;
  readonly mqttPassword: string;
  readonly folder: string;
  /** The broker, where it is a process of its own; its `url` is the cable to it. */
  readonly broker: OutsideBroker | undefined;
  stopServer(): Promise<void>;
  /** On the ports it had. */
  startServer(): Promise<void>;
  stopAgent(agent: string): Promise<void>;
  /** `data`: another folder than its own makes it another installation. */
  startAgent(agent: string, data?: string): Promise<EdgeAgent>;
  /** Admits an agent that waits, under its wish or another id. */
  admit(waiting: EdgeAgent, id: string, takeOver?: boolean): Promise<void>;
  /** The text on the strip of a window, as its card drew it. */
  shown(window: string): string;
  /** Ends everything. Rejects if a message was not as the AsyncAPI document says, and not said to be bad on purpose. */
  close(): Promise<void>;
}

const hostAndPort = (url: string) => {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
};

/** Starts a hall whose agents are on their way; nothing has happened in it yet. */
export async function startHall(options: HallOptions = {}): Promise<RunningHall> {
  const { windows = 4, agents: names = ['agent-a'], speed = 1, startMs = BUSY_MOMENT } = options;
  const closers: Array<() => Promise<void> | void> = [];
  const close = async () => {
    for (const closer of closers.splice(0).toReversed()) await closer();
  };
  try {
    const messages = createMessages(options);
    closers.push(() => messages.verify());
    const folder = await mkdtemp(path.join(tmpdir(), 'hall-whole-'));
    closers.push(() => rm(folder, { recursive: true, force: true }));
    const simulation = { offsetMs: Math.round(startMs - Date.now()), speed };
    const clock = options.clock ?? systemClock(simulation);
    const log = pino({ level: options.log ?? 'silent' });

    const free = demoContent({
      windows,
      departments: Math.min(20, Math.max(1, Math.floor(windows / 3)), windows),
      agents: names,
      stripPorts: Array.from({ length: windows }, () => 0),
      boards: options.boards ?? false,
    });
    const opened = await openTestStrips(options.content?.(free) ?? free, clock, options.line ?? 'tcp');
    const { content, strips } = opened;
    closers.push(async () => void (await Promise.all([...strips.values()].map((strip) => strip.close()))));

    const broker = await startBroker(options.broker ?? chosenBroker() ?? 'embedded', folder, HALL);
    closers.push(() => broker?.close());
    let mqttPort = broker ? hostAndPort(broker.url).port : 0;
    const { signIn = 'password' } = options;
    const byCertificate = signIn !== 'password';
    let mqttsPort = 0;
    const secureCable = async (): Promise<Cable> => {
      const line = await openTcpLine({ target: () => ({ host: '127.0.0.1', port: mqttsPort }) });
      closers.push(() => line.close());
      return line;
    };
    const cable = async (): Promise<Cable> => {
      const opened = await openCable({ target: () => ({ host: '127.0.0.1', port: mqttPort }), see: messages.see });
      closers.push(() => opened.close());
      return opened;
    };
    const open = await cable();
    const mqttUrl = `mqtt://127.0.0.1:${open.port}`;
    let httpPort = 0;
    const openServer = async (): Promise<HallServer> => {
      const config = parseServerConfig({
        hall: HALL,
        data: path.join(folder, 'server'),
        http: { port: httpPort },
        mqtt: broker ? { external: { ...broker.serverLink, url: mqttUrl } } : { port: mqttPort },
        ...(byCertificate && { mqtts: { port: mqttsPort } }),
        simulation,
        ballastMb: 0,
        log: 'silent',
      });
      const started = await createHallServer(config, { clock, log });
      httpPort = hostAndPort(started.httpUrl).port;
      if (!broker) mqttPort = hostAndPort(started.mqttUrl).port;
      if (started.mqttsUrl !== undefined) mqttsPort = hostAndPort(started.mqttsUrl).port;
      return Object.create(started, { mqttUrl: { value: mqttUrl, enumerable: true } }) as HallServer;
    };
    let server = await openServer();
    let serverRuns = true;
    const stopServer = async () => {
      if (!serverRuns) return;
      serverRuns = false;
      await server.close();
    };
    closers.push(stopServer);
    const { services } = server;
    await services.content.replace({ by: 'test', address: '127.0.0.1' }, content);
    const { secret, mqttPassword } = await services.platforms.add(PLATFORM, [SOURCE]);
    await broker?.admit('platform', PLATFORM, mqttPassword);

    const cables = new Map<string, Cable>();
    const agents = new Map<string, EdgeAgent>();
    const startAgent = async (name: string, data = name): Promise<EdgeAgent> => {
      const port = cables.get(name)?.port;
      const config = parseAgentConfig({
        hall: HALL,
        agent: name,
        server: byCertificate
          ? { url: server.httpUrl, mqttUrl: `mqtts://127.0.0.1:${port}` }
          : { url: `mqtt://127.0.0.1:${port}`, passwordFile: path.join(folder, `${name}.password`) },
        data: path.join(folder, data),
        kiosk: { port: 0 },
        ...options.agentConfig,
        log: 'silent',
      });
      const own = createLog('info', new PassThrough().resume());
      // As the agent's own program does it: the end of one run begins the next.
      const restart = () => void running.close().then(() => startAgent(name, data));
      const running = await createEdgeAgent(config, {
        clock: options.agentClock ?? clock,
        log: options.log ? log : own.log,
        logs: own.ring,
        restart,
      });
      if (data === name) agents.set(name, running);
      closers.push(() => running.close());
      return running;
    };
    const admit = async (waiting: EdgeAgent, id: string, takeOver = false): Promise<void> => {
      const { enrolment } = server.services;
      for (;;) {
        const code = waiting.state().codes?.code;
        const request = enrolment.list().find((each) => each.code === code);
        if (code !== undefined && request) {
          // Who asks every two seconds is answered with the next question.
          return enrolment.admit(request.id, { agent: id, code, takeOver }, { by: 'test', address: '127.0.0.1' });
        }
        await clock.machine.sleep(20);
      }
    };
    for (const name of byCertificate ? names : []) {
      cables.set(name, await secureCable());
      const waiting = await startAgent(name);
      if (signIn === 'mutual-tls') await admit(waiting, name);
    }
    for (const name of byCertificate ? [] : names) {
      const { password } = await services.agents.admit(name);
      await broker?.admit('agent', name, password);
      await writeFile(path.join(folder, `${name}.password`), password, { mode: 0o600 });
      cables.set(name, await cable());
      await startAgent(name);
    }
    // What is said to nobody passes no cable; agents hear all that is meant for them, a platform need not.
    const ear = await openOutcomeEar({ url: mqttUrl, hall: HALL, platform: PLATFORM, password: mqttPassword });
    closers.push(() => ear.close());
    const eventsUrl = () => `${server.httpUrl}/api/v1/halls/${HALL}/platform/events`;
    return {
      clock,
      get server() {
        return server;
      },
      agents,
      strips,
      cables,
      content,
      messages,
      feed: createFeed({ clock, eventsUrl, secret, source: SOURCE }),
      get eventsUrl() {
        return eventsUrl();
      },
      platformMqttUrl: mqttUrl,
      secret,
      mqttPassword,
      folder,
      broker: broker && (Object.create(broker, { url: { value: mqttUrl, enumerable: true } }) as OutsideBroker),
      stopServer,
      startServer: async () => {
        await stopServer();
        server = await openServer();
        serverRuns = true;
      },
      stopAgent: async (name) => agents.get(name)?.close(),
      startAgent,
      admit,
      shown: (window) => strips.get(`strip-${window}`)?.simulator.texts().join(' ') ?? '',
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
