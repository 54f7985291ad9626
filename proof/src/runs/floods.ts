/** A subscriber that never reads, and floods of oversize and senseless packets, while calls go on. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemClock } from '@hall/contracts';
import { demoContent } from '@hall/simulators';
import mqtt from 'mqtt';
import { watchCalls } from '../harness/call-watch.ts';
import { createFeed } from '../harness/feed.ts';
import { BUSY_MOMENT, HALL, PLATFORM, SOURCE } from '../harness/hall.ts';
import { connectPacket, subscribePacket } from '../harness/light-mqtt.ts';
import { prepareProcesses } from '../harness/processes.ts';
import { openTestStrips } from '../harness/strips.ts';

export interface FloodResult {
  /** From sending a call to its ticket on the strip, ms; the slowest while nothing else happened. */
  readonly quietMs: number;
  /** The slowest while one subscriber was frozen. */
  readonly frozenMs: number;
  /** The slowest while floods came. */
  readonly floodMs: number;
  /** Bytes that the frozen subscriber was to be told. */
  readonly frozenBytes: number;
  /** Connections of the floods, and those of them that were cut. */
  readonly floodConnections: number;
  readonly cut: number;
  /** Whether the frozen subscriber was cut off. */
  readonly frozenCut: boolean;
  /** Resident memory of the server after a first flood, and after each of eight rounds of ten, MB. */
  readonly residentMb: number;
  readonly laterMb: readonly number[];
  readonly calls: number;
  readonly notShown: number;
}

const MB = 1024 * 1024;
const FLOODS = 2;
/** So many that the collector of the runtime has come round; between two of its visits memory grows by calls alone. */
const ROUNDS = 8;
/** Fewer than may stand still at a time: none is cut at once. */
const FLOOD_CONNECTIONS = 50;
const FLOOD_BYTES = 4 * MB;
const OUTCOME_BATCH = 500;
const BATCHES = 900;
const REST_MS = 2000;
/** Longer than any of them is to stay. */
const KEEP_ALIVE_S = 120;
/** The broker lets a connection at fault stand still for ten seconds before it cuts it. */
const CUT_MS = 20_000;

export async function runFloods(): Promise<FloodResult> {
  const folder = await mkdtemp(path.join(tmpdir(), 'hall-floods-'));
  const offsetMs = Math.round(BUSY_MOMENT - Date.now());
  const clock = systemClock({ offsetMs, speed: 1 });
  const free = demoContent({ windows: 4, departments: 2, agents: ['agent-a'], boards: false, stripPorts: [0, 0, 0, 0] });
  const { content, strips } = await openTestStrips(free, clock, 'tcp');
  const hall = await prepareProcesses({ folder, content, offsetMs, broker: 'embedded' });
  const processes = [hall.server, ...hall.agents.values()];
  const sockets: Socket[] = [];
  try {
    for (const one of processes) one.start();
    await Promise.all(processes.map((one) => one.ready()));
    const eventsUrl = `${hall.baseUrl}/api/v1/halls/${HALL}/platform/events`;
    const feed = createFeed({ clock, source: SOURCE, secret: hall.secret, eventsUrl: () => eventsUrl });
    const windows = content.devices.flatMap(({ screen }) => screen?.window ?? []);
    const watch = watchCalls({ clock, feed, strips, windows });
    /** The slowest of the calls made until the work is done. */
    const slowestDuring = async (work: () => Promise<void>): Promise<number> => {
      let done = false;
      const working = work().finally(() => {
        done = true;
      });
      let slowest = 0;
      do slowest = Math.max(slowest, await watch.call());
      while (!done);
      await working;
      return slowest;
    };
    const rss = (): number => {
      const status = readFileSync(`/proc/${hall.server.pid}/status`, 'utf8');
      return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
    };
    const open = async (): Promise<Socket> => {
      const socket = connect(hall.mqttPort, '127.0.0.1');
      socket.on('error', () => {});
      sockets.push(socket);
      await once(socket, 'connect');
      return socket;
    };

    for (let warm = 0; warm < 20; warm += 1) await watch.call();
    const quietMs = await slowestDuring(() => clock.machine.sleep(REST_MS));

    const frozen = await open();
    frozen.pause();
    const sessionOf = (name: string) =>
      connectPacket({ id: `${PLATFORM}.${name}`, user: PLATFORM, password: hall.mqttPassword, keepAliveS: KEEP_ALIVE_S });
    frozen.write(sessionOf('frozen'));
    frozen.write(subscribePacket([`hall/1/${HALL}/platform/${PLATFORM}/outcome`]));
    const talker = await mqtt.connectAsync(`mqtt://127.0.0.1:${hall.mqttPort}`, {
      clientId: PLATFORM,
      username: PLATFORM,
      password: hall.mqttPassword,
    });
    const heartbeats = JSON.stringify(
      Array.from({ length: OUTCOME_BATCH }, (_, at) => ({
        ...feed.event('feed.heartbeat', 'made-heartbeat', {}),
        id: `beat-${at}`,
      })),
    );
    let frozenBytes = 0;
    const frozenMs = await slowestDuring(async () => {
      for (let batch = 0; batch < BATCHES; batch += 1) {
        await talker.publishAsync(`hall/1/${HALL}/platform/${PLATFORM}/events`, heartbeats, { qos: 1 });
        frozenBytes += OUTCOME_BATCH * 50;
      }
    });
    await talker.endAsync();
    const gone = new Promise<boolean>((resolve) => {
      frozen.once('close', () => resolve(true));
    });
    frozen.resume();
    const over = new AbortController();
    const kept = clock.machine.sleep(REST_MS, over.signal).then(
      () => false,
      () => false,
    );
    const frozenCut = await Promise.race([gone, kept]);
    over.abort();

    let floodConnections = 0;
    let cut = 0;
    const flood = async (): Promise<void> => {
      const ends = Array.from({ length: FLOOD_CONNECTIONS }, async (_, at) => {
        const socket = await open();
        floodConnections += 1;
        const closed = new Promise<void>((resolve) => {
          socket.once('close', () => {
            cut += 1;
            resolve();
          });
        });
        if (at % 2 === 0) {
          socket.write(sessionOf(`flood${at}`));
          // A publish that says it is as long as MQTT allows (§2.2.3).
          socket.write(Buffer.from([0x32, 0xff, 0xff, 0xff, 0x7f]));
        }
        for (let sent = 0; sent < FLOOD_BYTES && !socket.destroyed; sent += 64 * 1024) {
          if (!socket.write(Buffer.alloc(64 * 1024, 0xff))) {
            const drained = new Promise<void>((resolve) => {
              socket.once('drain', resolve);
            });
            await Promise.race([drained, closed]);
          }
        }
        const over = new AbortController();
        await Promise.race([closed, clock.machine.sleep(CUT_MS, over.signal).catch(() => {})]);
        over.abort();
        socket.removeAllListeners('close');
        socket.destroy();
      });
      await Promise.all(ends);
    };
    await flood();
    await clock.machine.sleep(REST_MS);
    const residentMb = rss();
    const laterMb: number[] = [];
    let floodMs = 0;
    while (laterMb.length < ROUNDS) {
      const slowest = await slowestDuring(async () => {
        for (let round = 0; round < FLOODS; round += 1) await flood();
      });
      floodMs = Math.max(floodMs, slowest);
      await clock.machine.sleep(REST_MS);
      laterMb.push(rss());
    }
    const { calls, notShown } = watch;
    return { quietMs, frozenMs, frozenCut, floodMs, frozenBytes, floodConnections, cut, residentMb, laterMb, calls, notShown };
  } finally {
    for (const socket of sockets) socket.destroy();
    for (const one of processes) await one.kill();
    await Promise.all([...strips.values()].map((strip) => strip.close()));
    await rm(folder, { recursive: true, force: true });
  }
}
