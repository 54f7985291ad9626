/** Real MQTT sessions, spoiled, against a running hall while calls go on. */
import { readFile, mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { addressOf, envelope, filterOf, systemClock } from '@hall/contracts';
import { openTcpLine } from '@hall/fault-rig';
import { demoContent, seeded } from '@hall/simulators';
import mqtt from 'mqtt';
import { watchCalls } from '../harness/call-watch.ts';
import { createFeed } from '../harness/feed.ts';
import { BUSY_MOMENT, HALL, PLATFORM, SOURCE } from '../harness/hall.ts';
import { prepareProcesses, type ProcessHall } from '../harness/processes.ts';
import { openTestStrips } from '../harness/strips.ts';
import { mutate, type SessionBytes } from './mutate.ts';

export interface MutatedOptions {
  readonly seed: number;
  readonly sessions: number;
  /** Calls while nothing else happens, over all rounds. */
  readonly quietCalls: number;
  readonly say?: (text: string) => void;
}

export interface MutatedResult {
  readonly sessions: number;
  readonly perSecond: number;
  /** Ends of the server or the agent that nobody asked for. */
  readonly crashes: number;
  readonly notShown: number;
  /** From sending a call to its ticket on the strip, ms, in rounds of quiet and of spoiled sessions taking turns. */
  readonly quiet: readonly number[];
  readonly spoiled: readonly number[];
  /** Resident memory of the server after each round, MB. */
  readonly residentMb: readonly number[];
}

const ROUNDS = 10;
const AT_ONCE = 32;
/** A spoiled session that the broker neither answers nor ends is left after this, ms. */
const LEFT_MS = 50;
/** Has a credential and never runs. */
const STRANGER = 'agent-b';

/** What a real client sent, packet by packet as it was written. */
async function record(hall: ProcessHall, password: string): Promise<SessionBytes[]> {
  const sessions: SessionBytes[] = [];
  const line = await openTcpLine({
    target: () => ({ host: '127.0.0.1', port: hall.mqttPort }),
    watch: () => {
      const packets: Uint8Array[] = [];
      sessions.push(packets);
      return { up: (bytes) => void packets.push(Buffer.from(bytes)), down: () => {} };
    },
  });
  const url = `mqtt://127.0.0.1:${line.port}`;
  const names = { hall: HALL, agent: STRANGER };
  const wrapped = (name: 'presence' | 'resync' | 'heartbeat', data: object) =>
    JSON.stringify(envelope(name, `/hall/${HALL}/agent/${STRANGER}`, `e-${name}`, Date.now(), data as never));
  const agent = await mqtt.connectAsync(url, {
    clientId: STRANGER,
    username: STRANGER,
    password,
    will: {
      topic: addressOf('presence', names),
      payload: Buffer.from(wrapped('presence', { state: 'lost', epoch: 'e' })),
      qos: 1,
      retain: true,
    },
  });
  for (const name of ['welcome', 'tables', 'live', 'lease'] as const)
    await agent.subscribeAsync(filterOf(name, names), { qos: 1 });
  await agent.publishAsync(addressOf('presence', names), wrapped('presence', { state: 'online', epoch: 'e' }), {
    qos: 1,
    retain: true,
  });
  await agent.publishAsync(addressOf('resync', names), wrapped('resync', { epoch: 'e', gen: 'g', seq: 0 }), { qos: 1 });
  await agent.publishAsync(addressOf('heartbeat', names), wrapped('heartbeat', { epoch: 'e' }), { qos: 0 });
  await agent.publishAsync(addressOf('heartbeat', names), wrapped('heartbeat', { epoch: 'e' }), { qos: 2 });
  await agent.unsubscribeAsync(filterOf('lease', names));
  await agent.endAsync();
  const platform = await mqtt.connectAsync(url, { clientId: PLATFORM, username: PLATFORM, password: hall.mqttPassword });
  await platform.subscribeAsync(addressOf('platformOutcome', { hall: HALL, platform: PLATFORM }), { qos: 1 });
  await platform.publishAsync(addressOf('platformEvents', { hall: HALL, platform: PLATFORM }), '[{"specversion":"1.0"}]', {
    qos: 1,
  });
  await platform.endAsync();
  await line.close();
  return sessions;
}

const { machine } = systemClock();

/** Sends the bytes as they are and goes; resolves when the connection is over. */
function send(port: number, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const socket: Socket = connect({ port, host: '127.0.0.1' }, () => socket.write(bytes));
    const left = new AbortController();
    machine.sleep(LEFT_MS, left.signal).then(
      () => socket.destroy(),
      () => {},
    );
    socket.on('error', () => {});
    socket.on('data', () => {});
    socket.once('close', () => {
      left.abort();
      resolve();
    });
  });
}

export async function runMutatedSessions(options: MutatedOptions): Promise<MutatedResult> {
  const { seed, sessions, quietCalls, say = () => {} } = options;
  const folder = await mkdtemp(path.join(tmpdir(), 'hall-mutated-'));
  const offsetMs = Math.round(BUSY_MOMENT - Date.now());
  const clock = systemClock({ offsetMs, speed: 1 });
  const agents = ['agent-a', STRANGER];
  const free = demoContent({ windows: 4, departments: 2, agents, boards: false, stripPorts: [0, 0, 0, 0] });
  const { content, strips } = await openTestStrips(free, clock, 'tcp');
  const hall = await prepareProcesses({ folder, content, offsetMs, broker: 'embedded' });
  const processes = [hall.server, ...[...hall.agents].filter(([name]) => name !== STRANGER).map(([, one]) => one)];
  const windows = content.devices.filter(({ agent }) => agent !== STRANGER).flatMap(({ screen }) => screen?.window ?? []);
  try {
    for (const one of processes) one.start();
    await Promise.all(processes.map((one) => one.ready()));
    const eventsUrl = `${hall.baseUrl}/api/v1/halls/${HALL}/platform/events`;
    const feed = createFeed({ clock, source: SOURCE, secret: hall.secret, eventsUrl: () => eventsUrl });
    const watch = watchCalls({ clock, feed, strips, windows });
    const { call } = watch;
    const recorded = await record(hall, (await readFile(path.join(folder, `${STRANGER}.password`), 'utf8')).trim());
    const random = seeded(seed);
    for (let warm = 0; warm < 20; warm += 1) await call();

    const quiet: number[] = [];
    const spoiled: number[] = [];
    const residentMb: number[] = [];
    let sent = 0;
    let spentMs = 0;
    for (let round = 1; round <= ROUNDS; round += 1) {
      for (let at = 0; at < quietCalls / ROUNDS; at += 1) quiet.push(await call());
      const until = Math.round((sessions * round) / ROUNDS);
      const fromMs = clock.machine.nowMs();
      let working = true;
      const storm = Promise.all(
        Array.from({ length: AT_ONCE }, async () => {
          while (sent < until && hall.server.state === 'ready') {
            sent += 1;
            await send(hall.mqttPort, mutate(recorded, random));
          }
        }),
      ).then(() => {
        working = false;
      });
      do spoiled.push(await call());
      while (working && hall.server.state === 'ready');
      await storm;
      spentMs += clock.machine.nowMs() - fromMs;
      const status = await readFile(`/proc/${hall.server.pid}/status`, 'utf8').catch(() => '');
      residentMb.push(Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024);
      say(`${sent} spoiled sessions, server ${residentMb.at(-1)?.toFixed(0)} MB`);
      for (const words of hall.server.crashes) say(words);
    }
    const crashes = processes.reduce((sum, one) => sum + one.crashes.length, 0);
    return { sessions: sent, perSecond: sent / (spentMs / 1000), crashes, notShown: watch.notShown, quiet, spoiled, residentMb };
  } finally {
    for (const one of processes) await one.kill();
    await Promise.all([...strips.values()].map((strip) => strip.close()));
    await rm(folder, { recursive: true, force: true });
  }
}
