/**
 * Hundreds of connections to each listener of a running hall that never come to an end, one byte a second each, and readers that never
 * read, while calls go on and honest visitors come to the same place.
 */
import { readFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { request as secureRequest } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemClock } from '@hall/contracts';
import { createHallServer, parseConfig } from '@hall/server';
import { demoContent } from '@hall/simulators';
import mqtt from 'mqtt';
import { pino } from 'pino';
import { watchCalls } from '../harness/call-watch.ts';
import { createFeed } from '../harness/feed.ts';
import { freePort } from '../harness/free-port.ts';
import { BUSY_MOMENT, HALL, PLATFORM, SOURCE } from '../harness/hall.ts';
import { connectPacket, subscribePacket } from '../harness/light-mqtt.ts';
import { prepareProcesses, productProcess } from '../harness/processes.ts';
import { openTestStrips } from '../harness/strips.ts';
import { slowKinds, type SlowKind, type SlowPlaces } from './slow-kinds.ts';

export interface SlowLorisOptions {
  /** To one listener at a time. */
  readonly connections: number;
  /** Calls while nothing else happens, over all kinds. */
  readonly quietCalls: number;
  /** Default all. */
  readonly kinds?: readonly string[];
  readonly say?: (text: string) => void;
}

export interface SlowKindResult {
  readonly id: string;
  readonly limitMs: number;
  /** Connections that were made, and those of them that were cut while the other end was still at it. */
  readonly made: number;
  readonly cut: number;
  /** The longest that one was suffered, ms. */
  readonly longestMs: number;
  /** Honest visits to the same place meanwhile, and those of them that came to nothing. */
  readonly visits: number;
  readonly refused: number;
}

export interface SlowLorisResult {
  readonly kinds: readonly SlowKindResult[];
  /** Ends of the servers or the agent that nobody asked for. */
  readonly crashes: number;
  readonly notShown: number;
  /** From sending a call to its ticket on the strip, ms. */
  readonly quiet: readonly number[];
  readonly meanwhile: readonly number[];
  /** Resident memory of the hall's server and of its agent: before, and after each kind, MB. */
  readonly serverMb: readonly number[];
  readonly agentMb: readonly number[];
  /** Of sessions and pages that never read: how many were wanted, were let in at a time, and stood at the end. */
  readonly readers: { readonly wanted: number; readonly letIn: number; readonly left: number };
}

const SERVER = 'hall-server/src/main.ts';
const DRIP_MS = 1000;
const AT_ONCE = 25;
/** Beyond its limit, for a machine that is busy, before a connection counts as never cut. */
const GRACE_MS = 15_000;
const VISIT_MS = 500;
const ANSWER_MS = 20_000;
const AGENT = 'agent-a';
/** Of one platform, as `docs/operations.md` states. */
const MOST_SESSIONS = 32;
const BATCH = 500;
const MOST_BATCHES = 400;

const { machine } = systemClock();
const residentOf = async (pid: number | undefined): Promise<number> =>
  Number(/VmRSS:\s+(\d+) kB/.exec(await readFile(`/proc/${pid}/status`, 'utf8').catch(() => ''))?.[1] ?? 0) / 1024;

/** Answers whether the promise was kept in time. */
async function inTime(done: Promise<unknown>, ms: number): Promise<boolean> {
  const over = new AbortController();
  const late = machine.sleep(ms, over.signal).then(
    () => false,
    () => false,
  );
  const kept = await Promise.race([
    done.then(
      () => true,
      () => false,
    ),
    late,
  ]);
  over.abort();
  return kept;
}

export async function runSlowLoris(options: SlowLorisOptions): Promise<SlowLorisResult> {
  const { connections, quietCalls, say = () => {} } = options;
  const folder = await mkdtemp(path.join(tmpdir(), 'hall-slow-'));
  const offsetMs = Math.round(BUSY_MOMENT - Date.now());
  const clock = systemClock({ offsetMs, speed: 1 });
  const free = demoContent({ windows: 4, departments: 2, agents: [AGENT], boards: false, stripPorts: [0, 0, 0, 0] });
  const { content, strips } = await openTestStrips(free, clock, 'tcp');
  const hall = await prepareProcesses({ folder, content, offsetMs, broker: 'embedded', mqtts: true });
  const https = await freePort();
  const secureFile = path.join(folder, 'secure.json');
  await writeFile(
    secureFile,
    JSON.stringify({
      hall: HALL,
      data: path.join(folder, 'secure'),
      http: { port: https, tls: true },
      mqtt: { port: await freePort() },
      ballastMb: 0,
      log: 'warn',
    }),
  );
  const secure = productProcess({
    name: 'server with HTTPS',
    args: [SERVER, 'start', '-c', secureFile],
    readyWords: 'MQTT: mqtt://',
  });
  const agent = hall.agents.get(AGENT);
  const processes = [hall.server, secure, ...hall.agents.values()];
  const sockets = new Set<Socket>();
  try {
    const agents = await admitted(folder, connections, offsetMs);
    for (const one of processes) one.start();
    await Promise.all(processes.map((one) => one.ready()));
    const kiosk = Number(/"kiosk":"http:\/\/127\.0\.0\.1:(\d+)"/.exec(agent?.output ?? '')?.[1]);
    const port = JSON.parse(await readFile(path.join(folder, AGENT, 'call-port.json'), 'utf8')) as { url: string; token: string };
    const all = slowKinds({
      mqtt: hall.mqttPort,
      mqtts: hall.mqttsPort ?? 0,
      http: Number(new URL(hall.baseUrl).port),
      https,
      kiosk,
      callPort: Number(new URL(port.url).port),
      callToken: port.token,
      agents,
    });
    const chosen = all.filter(({ id }) => options.kinds?.includes(id) ?? true);
    const eventsUrl = `${hall.baseUrl}/api/v1/halls/${HALL}/platform/events`;
    const feed = createFeed({ clock, source: SOURCE, secret: hall.secret, eventsUrl: () => eventsUrl });
    const windows = content.devices.flatMap(({ screen }) => screen?.window ?? []);
    const watch = watchCalls({ clock, feed, strips, windows });
    const platform = (url: string, clientId: string) =>
      mqtt.connectAsync(url, {
        clientId,
        username: PLATFORM,
        password: hall.mqttPassword,
        rejectUnauthorized: false,
        reconnectPeriod: 0,
        protocolVersion: 4,
        connectTimeout: ANSWER_MS,
      });
    const visit: Readonly<Record<SlowKind['honest'], () => Promise<unknown>>> = {
      mqtt: async () => (await platform(`mqtt://127.0.0.1:${hall.mqttPort}`, `${PLATFORM}.visitor`)).endAsync(),
      mqtts: async () => (await platform(`mqtts://127.0.0.1:${hall.mqttsPort}`, `${PLATFORM}.visitor`)).endAsync(),
      http: () => visited(`${hall.baseUrl}/api/v1/bootstrap`),
      https: () => visitedSecurely(`https://127.0.0.1:${https}/api/v1/bootstrap`),
      kiosk: () => visited(`http://127.0.0.1:${kiosk}/screen/board`),
      'call-port': () => visited(`${port.url}/v1/state`, { authorization: `Bearer ${port.token}` }),
    };

    const [quiet, meanwhile]: number[][] = [[], []];
    const callsDuring = async <T>(work: Promise<T>): Promise<T> => {
      let working = true;
      const done = work.finally(() => {
        working = false;
      });
      do meanwhile?.push(await watch.call());
      while (working && hall.server.state === 'ready');
      return done;
    };
    for (let warm = 0; warm < 100; warm += 1) await watch.call();
    const serverMb = [await residentOf(hall.server.pid)];
    const agentMb = [await residentOf(agent?.pid)];
    const measure = async (id: string) => {
      serverMb.push(await residentOf(hall.server.pid));
      agentMb.push(await residentOf(agent?.pid));
      say(`${id}: server ${serverMb.at(-1)?.toFixed(0)} MB, agent ${agentMb.at(-1)?.toFixed(0)} MB`);
    };
    const kinds: SlowKindResult[] = [];
    for (const kind of chosen) {
      for (let at = 0; at < quietCalls / (chosen.length + 1); at += 1) quiet?.push(await watch.call());
      const result = await callsDuring(suffer(kind, connections, sockets, visit[kind.honest]));
      kinds.push(result);
      await measure(
        `${kind.id}, ${result.made} connections, ${result.cut} cut, the longest after ${(result.longestMs / 1000).toFixed(1)} s, ` +
          `${result.refused} of ${result.visits} visits refused`,
      );
    }
    for (let at = 0; at < quietCalls / (chosen.length + 1); at += 1) quiet?.push(await watch.call());
    const readers = await callsDuring(neverRead());
    await measure(`readers that never read: ${readers.letIn} of ${readers.wanted} let in, ${readers.left} left`);
    const crashes = processes.reduce((sum, one) => sum + one.crashes.length, 0);
    return {
      kinds,
      crashes,
      notShown: watch.notShown,
      quiet: quiet ?? [],
      meanwhile: meanwhile ?? [],
      serverMb,
      agentMb,
      readers,
    };

    /** Sessions of the platform that hear all its outcomes, and pages of a board, none of which reads a byte. */
    async function neverRead(): Promise<SlowLorisResult['readers']> {
      const talker = await platform(`mqtt://127.0.0.1:${hall.mqttPort}`, `${PLATFORM}.talker`);
      const sessions: Socket[] = [];
      for (let at = 0; at < connections; at += 1) {
        const socket = await deaf(hall.mqttPort);
        const login = { user: PLATFORM, password: hall.mqttPassword, keepAliveS: 120 };
        socket.write(connectPacket({ ...login, id: `${PLATFORM}.deaf${at}` }));
        socket.write(subscribePacket([`hall/1/${HALL}/platform/${PLATFORM}/outcome`]));
        sessions.push(socket);
      }
      const pages: Socket[] = [];
      for (let at = 0; at < connections; at += 1) {
        const socket = await deaf(kiosk);
        socket.write(`GET /screen/board-${at % 4}/events HTTP/1.1\r\nHost: a\r\n\r\n`);
        pages.push(socket);
      }
      // Who talks, and the agent, are no readers of ours.
      const standing = async () => (await number('hall_mqtt_connections')) - 2;
      const wantIn = Math.min(connections, MOST_SESSIONS - 1);
      const until = machine.nowMs() + ANSWER_MS;
      while ((await standing()) < wantIn && machine.nowMs() < until) await machine.sleep(VISIT_MS);
      const letIn = await standing();
      const heartbeat = feed.event('feed.heartbeat', 'made-heartbeat', {});
      const text = JSON.stringify(Array.from({ length: BATCH }, (_, at) => ({ ...heartbeat, id: `beat-${at}` })));
      for (let batch = 0; batch < MOST_BATCHES && (await standing()) > 0; batch += 1) {
        await talker.publishAsync(`hall/1/${HALL}/platform/${PLATFORM}/events`, text, { qos: 1 });
      }
      // A reader is given up some time after the last bytes that it did not take.
      const cutBy = machine.nowMs() + ANSWER_MS;
      while ((await standing()) > 0 && machine.nowMs() < cutBy) await machine.sleep(VISIT_MS);
      const left = await standing();
      await talker.endAsync();
      for (const socket of [...sessions, ...pages]) socket.destroy();
      return { wanted: connections, letIn, left };
    }
    async function deaf(to: number): Promise<Socket> {
      const socket = connectTcp({ port: to, host: '127.0.0.1' });
      socket.on('error', () => {});
      sockets.add(socket);
      await once(socket, 'connect');
      socket.pause();
      return socket;
    }
    async function number(name: string): Promise<number> {
      const text = await (await fetch(`${hall.baseUrl}/metrics`)).text();
      return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
    }
  } finally {
    for (const { crashes } of processes) for (const words of crashes) say(words);
    for (const socket of sockets) socket.destroy();
    for (const one of processes) await one.kill();
    await Promise.all([...strips.values()].map((strip) => strip.close()));
    await rm(folder, { recursive: true, force: true });
  }
}

/** Opens all of them, drips into each, and waits until they were cut. */
async function suffer(
  kind: SlowKind,
  count: number,
  sockets: Set<Socket>,
  visit: () => Promise<unknown>,
): Promise<SlowKindResult> {
  const { id, limitMs, open, opened, first, drip } = kind;
  let [made, cut, longestMs, visits, refused] = [0, 0, 0, 0, 0];
  const living = new Set<Socket>();
  const ends: Promise<void>[] = [];
  const one = async (at: number): Promise<void> => {
    const socket = open();
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', () => {});
    const ended = new Promise<void>((resolve) => {
      socket.once('close', () => {
        sockets.delete(socket);
        resolve();
      });
    });
    if (!(await inTime(Promise.race([once(socket, opened), ended]), ANSWER_MS)) || socket.destroyed) return;
    const fromMs = machine.nowMs();
    made += 1;
    living.add(socket);
    socket.write(first(at));
    ends.push(
      ended.then(() => {
        if (living.delete(socket)) cut += 1;
        longestMs = Math.max(longestMs, machine.nowMs() - fromMs);
      }),
    );
  };
  let over = false;
  const dripping = (async () => {
    while (!over) {
      await machine.sleep(DRIP_MS);
      for (const socket of living) if (drip.length > 0) socket.write(drip);
    }
  })();
  const visiting = (async () => {
    while (!over) {
      visits += 1;
      if (!(await inTime(visit(), ANSWER_MS))) refused += 1;
      await machine.sleep(VISIT_MS);
    }
  })();
  for (let at = 0; at < count; at += AT_ONCE) {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - at) }, (_, more) => one(at + more)));
  }
  await inTime(Promise.all(ends), limitMs + GRACE_MS);
  over = true;
  await Promise.all([dripping, visiting]);
  for (const socket of living) {
    living.delete(socket);
    longestMs = Number.POSITIVE_INFINITY;
    socket.destroy();
  }
  return { id, limitMs, made, cut, longestMs, visits, refused };
}

/** Agents with passwords, made in the data folder before its server runs. */
async function admitted(folder: string, count: number, offsetMs: number): Promise<SlowPlaces['agents']> {
  const config = parseConfig({
    hall: HALL,
    data: path.join(folder, 'server'),
    http: { port: 0 },
    mqtt: { port: 0 },
    // The hall's day, not that of this machine, is the one that begins.
    simulation: { offsetMs, speed: 1 },
    ballastMb: 0,
  });
  const preparing = await createHallServer(config, { log: pino({ level: 'silent' }) });
  const logins: { id: string; password: string }[] = [];
  for (let at = 0; at < count; at += 1) {
    const { agent: id, password } = await preparing.services.agents.admit(`slow-${at}`);
    logins.push({ id, password });
  }
  await preparing.close();
  return logins;
}

/** On a connection of its own. */
async function visited(url: string, headers: Readonly<Record<string, string>> = {}): Promise<void> {
  const reply = await fetch(url, { headers: { ...headers, connection: 'close' } });
  await reply.arrayBuffer();
  if (!reply.ok) throw new Error(`${url} was answered ${reply.status}`);
}
const visitedSecurely = (url: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const asked = secureRequest(url, { rejectUnauthorized: false, agent: false }, (reply) => {
      reply.resume().once('end', () => (reply.statusCode === 200 ? resolve() : reject(new Error(`${url}: ${reply.statusCode}`))));
    });
    asked.once('error', reject).end();
  });
