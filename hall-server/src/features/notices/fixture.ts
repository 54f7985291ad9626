/** For tests: notices over a store in memory with a clock of the test, and receivers of HTTP that behave as the test likes. */
import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FakeClock, type AlarmNews, type NoticeChannel, type NoticeSettings, type NoticeStep } from '@hall/contracts';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { openInMemory, type Database } from '../../platform/store/database.ts';
import type { HallChanges } from '../../platform/changes.ts';
import type { Writer } from '../../platform/store/writer.ts';
import { emptyContent } from '../content/store.ts';
import { directWriter } from '../people/fixture.ts';
import { createNoticeService, type NoticeService } from './service.ts';
import { createNoticeStore } from './store.ts';

export const asker = { by: 'wang', address: '10.0.0.9' };
export const MINUTE = 60_000;

export const news = (more: Partial<AlarmNews> = {}): AlarmNews => ({
  happened: 'raised',
  key: 'strip-w01/offline',
  type: 'offline',
  device: 'strip-w01',
  title: { zh: '01 号窗口屏不在线', en: 'Strip 01 is offline' },
  firstStep: { zh: '检查电源和网线', en: 'Check power and cable' },
  visitorsSee: { zh: '请以窗口叫号为准', en: 'The neutral text' },
  priority: 1,
  sinceMs: Date.UTC(2026, 10, 23, 2, 20),
  acknowledged: false,
  folded: 0,
  ...more,
});
export const channel = (more: Partial<NoticeChannel> = {}): NoticeChannel => ({
  id: 'hook',
  kind: 'webhook',
  name: '值班群',
  enabled: true,
  language: 'zh',
  perMinute: 20,
  ...more,
});
export const step = (more: Partial<NoticeStep> = {}): NoticeStep => ({
  id: 'first',
  priorities: [1, 2],
  afterMin: 0,
  channels: ['hook'],
  people: [],
  repeatMin: 0,
  repeats: 0,
  ...more,
});
export const settings = (more: Partial<NoticeSettings> = {}): NoticeSettings => ({
  channels: [channel()],
  people: [{ id: 'min', name: '王敏', phone: '13800000001', email: 'min@hall.test' }],
  steps: [step()],
  quiet: [3],
  tellCleared: true,
  ...more,
});

export interface NoticeFixture {
  readonly db: Database;
  readonly clock: FakeClock;
  readonly notices: NoticeService;
  /** Rows that were told to consoles. */
  readonly shown: string[];
  /** From now on nothing that was sent is recorded, as if the server were killed in between; answers how often that was. */
  killBeforeRecording(): () => number;
  /** Another run of the server over the same store, after the one before was killed. */
  again(): NoticeService;
  states(): string[];
}

/** Runs until the test ends. Sockets take real time: tests wait for what they cause and move the clock between. */
export async function openNotices(
  given?: NoticeSettings,
  secrets: Record<string, Record<string, string>> = {},
): Promise<NoticeFixture> {
  const db = openInMemory();
  const clock = new FakeClock();
  const direct = directWriter(db, clock);
  const shown: string[] = [];
  let life = { dead: false, unrecorded: 0, stop: new AbortController() };
  const again = (): NoticeService => {
    life.stop.abort();
    const mine = { dead: false, unrecorded: 0, stop: new AbortController() };
    life = mine;
    const call = (name: string, args: unknown) => {
      if (!mine.dead || name !== 'notices.outcome') return direct.call(name as never, args as never);
      mine.unrecorded += 1;
      return new Promise<never>(() => {});
    };
    const changes: HallChanges = new EventEmitter();
    changes.on('notices', (rows) => void shown.push(...rows.map(({ alarm }) => alarm)));
    const service = createNoticeService({
      hall: 'demo',
      store: createNoticeStore(db),
      writer: { call: call as Writer['call'] },
      master: Buffer.alloc(32, 7),
      clock,
      speed: 1,
      log: pino({ level: 'silent' }),
      content: () => emptyContent,
      changes,
    });
    const running = service.run(mine.stop.signal);
    onTestFinished(async () => {
      mine.stop.abort();
      if (!mine.dead) await running;
    });
    return service;
  };
  const killBeforeRecording = () => {
    const mine = life;
    mine.dead = true;
    return () => mine.unrecorded;
  };
  const notices = again();
  if (given) await notices.store(asker, { settings: given, secrets: secrets as never }, 0);
  const states = db
    .prepare<[], string>(`SELECT what || ' ' || state || coalesce(' ' || code, '') FROM notice_deliveries ORDER BY seq`)
    .pluck();
  return { db, clock, notices, shown, again, killBeforeRecording, states: () => states.all() };
}

export interface Received {
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}
export interface Receiver {
  /** With the path it listens on. */
  readonly url: string;
  readonly port: number;
  readonly received: Received[];
  /** What the next requests are answered with. */
  answer: (response: ServerResponse, request: Received, at: number) => void;
}
/** A receiver on port 0 until the test ends; answers 200 and `{"errcode":0}` unless told otherwise. */
export async function openReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => void parts.push(part));
    request.on('end', () => {
      const got = { url: request.url ?? '', headers: request.headers, body: Buffer.concat(parts).toString() };
      received.push(got);
      receiver.answer(response, got, received.length);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  const { port } = server.address() as AddressInfo;
  const receiver: Receiver = {
    url: `http://127.0.0.1:${port}/send`,
    port,
    received,
    answer: (response) => response.end('{"errcode":0,"errmsg":"ok"}'),
  };
  return receiver;
}
