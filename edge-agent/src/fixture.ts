/** A hall server spoken by hand over a real broker, a simulated strip, and an agent between them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  addressOf,
  envelope,
  systemClock,
  topicOf,
  topics,
  type Payload,
  type TopicName,
  type WindowLive,
  type LiveField,
} from '@hall/contracts';
import { createOnbonKSimulator, listenTcp } from '@hall/simulators';
import { Aedes } from 'aedes';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { createEdgeAgent, type EdgeAgent } from './agent.ts';
import { parseConfig } from './config.ts';
import type { AgentDeps } from './deps.ts';

export const clock = systemClock();
export const log = pino({ level: 'silent' });
export const HALL = 'north';
export const AGENT = 'agent-1';
export const GEN = 'gen-1';

type Said = { [N in TopicName]: { name: N; data: Payload<N>; device?: string } }[TopicName];

/** The hall server's side of the conversation, spoken by hand over a real broker. */
export async function createHall() {
  const broker = await Aedes.createBroker();
  const sockets = new Set<{ destroy(): void }>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    broker.handle(socket);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const said: Said[] = [];
  const ears = new Set<(said: Said) => void>();
  await new Promise<void>((resolve) => {
    broker.subscribe(
      `hall/1/${HALL}/agent/#`,
      (packet, done) => {
        done();
        const place = topicOf(packet.topic);
        if (!place || topics[place.name].direction !== 'up') return;
        const { data } = JSON.parse(packet.payload.toString()) as { data: unknown };
        const heard = { name: place.name, data, device: place.names['device'] } as Said;
        said.push(heard);
        for (const ear of ears) ear(heard);
      },
      resolve,
    );
  });
  let messages = 0;
  const say = async <N extends TopicName>(name: N, data: Payload<N>, device?: string) => {
    messages += 1;
    const names = { hall: HALL, agent: AGENT, ...(device === undefined ? {} : { device }) };
    const topic = addressOf(name, names as Parameters<typeof addressOf<N>>[1]);
    const payload = JSON.stringify(envelope(name, `/hall/${HALL}/server`, `s-${messages}`, Date.UTC(2026, 10, 23), data));
    await raw(topic, payload);
  };
  const raw = (topic: string, payload: string) =>
    new Promise<void>((resolve) => {
      broker.publish({ cmd: 'publish', topic, payload: Buffer.from(payload), qos: 1, retain: false, dup: false }, () =>
        resolve(),
      );
    });
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    await new Promise<void>((resolve) => {
      broker.close(() => resolve());
    });
  });
  return {
    url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    said,
    say,
    raw,
    drop: () => {
      for (const socket of sockets) socket.destroy();
    },
    on: (ear: (said: Said) => void) => ears.add(ear),
    saidOf: <N extends TopicName>(name: N) => said.filter((one) => one.name === name).map(({ data }) => data as Payload<N>),
  };
}
export type Hall = Awaited<ReturnType<typeof createHall>>;

export const hallTime = () => ({ hallMs: clock.hall.nowMs(), speed: 1 });
export const welcome = (epoch: string, more: Partial<Payload<'welcome'>> = {}): Payload<'welcome'> => ({
  verdict: 'accepted',
  epoch,
  gen: GEN,
  outboxAck: 0,
  devices: ['strip-1'],
  hallTime: hallTime(),
  ...more,
});

export const tables: Payload<'tables'> = {
  version: { gen: GEN, ver: 1 },
  tables: {
    names: {
      hall: { zh: '北厅' },
      departments: { police: { zh: '公安局' } },
      services: { passport: { zh: '出入境' } },
      staff: {},
      windows: { w1: { number: '01' } },
    },
    calendar: {
      zone: 'Asia/Shanghai',
      week: Array.from({ length: 7 }, () => [{ from: '09:00', to: '17:00' }]),
      tailMinutes: 0,
      lunchWindows: [],
      holidays: [],
      makeUpDays: [],
      windowHours: [],
    },
  },
};

const neutral = { template: 'strip-neutral', parameters: { window: 'w1' }, bindings: [] };
export function desired(port: number, ver = 1, maxAgeMs = 30_000): Payload<'desired'> {
  return {
    version: { gen: GEN, ver },
    device: {
      id: 'strip-1',
      name: '一号窗口',
      agent: AGENT,
      driver: 'onbon-k',
      settings: { transport: 'tcp', host: '127.0.0.1', port },
      screen: { template: 'window-strip', widthPx: 192, heightPx: 32, window: 'w1' },
    },
    plan: {
      widthPx: 192,
      heightPx: 32,
      maxAgeMs,
      safeAfterMs: 300_000,
      regions: [
        {
          id: 'main',
          layers: [
            {
              id: 'window',
              class: 'window_state',
              seq: 0,
              content: { template: 'window-strip', parameters: { window: 'w1' }, bindings: ['window/w1'] },
              stale: neutral,
              source: { kind: 'binding', id: 'strip-1' },
            },
          ],
        },
      ],
    },
  };
}

export function calling(ticket: string, seq: number): LiveField {
  const value: WindowLive = {
    kind: 'window',
    window: 'w1',
    state: 'serving',
    ticket,
    callNumber: 1,
    calledAt: clock.hall.nowMs(),
    department: 'police',
    services: ['passport'],
  };
  return { key: 'window/w1', seq, sourceTime: clock.hall.nowMs(), value };
}

export function dataFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'hall-agent-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(path.join(folder, 'password'), 'secret\n');
  return folder;
}

export async function startAgent(url: string, folder: string, deps: Partial<AgentDeps> = {}): Promise<EdgeAgent> {
  const config = parseConfig({
    hall: HALL,
    agent: AGENT,
    server: { url, passwordFile: path.join(folder, 'password') },
    data: folder,
    kiosk: { port: 0 },
    log: 'silent',
  });
  const agent = await createEdgeAgent(config, { clock, log, ...deps });
  onTestFinished(() => agent.close());
  return agent;
}

/** In which order a broker brings what is said at a birth; between topics it may be any. */
type Order = 'usual' | 'lease first' | 'welcome last';

/** Answers every hello with a welcome, and everything else a server says at a birth. */
function serve(
  hall: Hall,
  port: number,
  fields: () => LiveField[],
  head: () => number,
  maxAgeMs: number | undefined,
  order: Order,
): void {
  const lease = () => hall.say('lease', { gen: GEN, head: head(), fresh: true, hallTime: hallTime() });
  hall.on(({ name, data }) => {
    if (name === 'hello') {
      void (async () => {
        if (order === 'lease first') await lease();
        if (order !== 'welcome last') await hall.say('welcome', welcome(data.epoch));
        await hall.say('tables', tables);
        await hall.say('desired', desired(port, 1, maxAgeMs), 'strip-1');
        await hall.say('live', { gen: GEN, after: 0, head: head(), full: true, fields: fields() });
        if (order !== 'lease first') await lease();
        if (order === 'welcome last') await hall.say('welcome', welcome(data.epoch));
      })();
    }
    if (name === 'up') {
      const last = data.records.at(-1)?.seq ?? 0;
      void hall.say('upack', { installId: data.installId, seq: last });
    }
  });
}

export async function setup(maxAgeMs?: number, order: Order = 'usual') {
  const hall = await createHall();
  const card = createOnbonKSimulator({ clock });
  const tcp = await listenTcp(card);
  onTestFinished(async () => {
    card.close();
    await tcp.close();
  });
  let fields = [calling('A001', 1)];
  let head = 1;
  serve(
    hall,
    tcp.port,
    () => fields,
    () => head,
    maxAgeMs,
    order,
  );
  const call = async (ticket: string) => {
    head += 1;
    fields = [calling(ticket, head)];
    await hall.say('live', { gen: GEN, after: head - 1, head, full: false, fields });
  };
  return { hall, card, tcp, call, lease: () => hall.say('lease', { gen: GEN, head, fresh: true, hallTime: hallTime() }) };
}

export const within = { timeout: 10_000, interval: 10 };
