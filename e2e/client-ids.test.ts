/**
 * Client ids that nobody may have: CONNECT packets byte by byte, over the plain and the TLS listener of a whole hall, with right and
 * with wrong credentials. Nothing comes of any of them, and whoever is right works on meanwhile.
 */
import { readFileSync } from 'node:fs';
import { connect as connectTcp, type Socket } from 'node:net';
import path from 'node:path';
import { connect as connectTls } from 'node:tls';
import type { EdgeAgent } from '@hall/agent';
import type { ErrorReply } from '@hall/contracts';
import { DISCONNECT, HALL, packet, PLATFORM, startHall, text, type RunningHall } from '@hall/proof';
import type { HallServer } from '@hall/server';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

const within = { timeout: 30_000 };
/** In nothing but what is refused. */
const MARK = 'planted-by-nobody';
const OTHER = 'agent-p';
/** The lengths about which MQTT 3.1.1 says something (§3.1.3.1). */
const LONG = 'agent-with-24-characters';
const SHORT = 'q';

let hall: RunningHall;
let password: string;
let passwords: Readonly<Record<string, string>>;
let agent: EdgeAgent;
let calls = 0;
beforeAll(async () => {
  hall = await startHall({ windows: 2, agents: ['agent-a'], signIn: 'mutual-tls', broker: 'embedded' });
  agent = hall.agents.get('agent-a') as EdgeAgent;
  const { agents } = hall.server.services;
  passwords = Object.fromEntries(
    await Promise.all([OTHER, LONG, SHORT].map(async (id) => [id, (await agents.admit(id)).password] as const)),
  );
  password = passwords[OTHER] ?? '';
  await vi.waitFor(() => {
    if (agent.state().uplink !== 'welcomed') throw new Error('the agent is not there');
  }, within);
  await hall.feed.send(hall.feed.event('window.opened', 'made-w01', { window: 'w01' }));
  await callIsShown();
}, 120_000);
afterAll(() => hall?.close());

async function callIsShown(): Promise<void> {
  calls += 1;
  const ticket = `A${String(calls).padStart(3, '0')}`;
  await hall.feed.send(hall.feed.called('w01', ticket));
  await vi.waitFor(() => {
    if (!hall.shown('w01').includes(ticket)) throw new Error(`${ticket} is not shown`);
  }, within);
}

interface Login {
  readonly clientId: string | Uint8Array;
  readonly username?: string | Uint8Array;
  readonly password?: string;
}
const presenceOf = ({ clientId }: Login): Buffer =>
  Buffer.concat([Buffer.from(`hall/1/${HALL}/agent/`), Buffer.from(clientId), Buffer.from('/presence')]).subarray(0, 60_000);
/** CONNECT with a retained will. */
function connectPacket(login: Login): Buffer {
  const { clientId, username, password: secret } = login;
  const flags = 0x2e | (username === undefined ? 0 : 0x80) | (secret === undefined ? 0 : 0x40);
  return packet(
    0x10,
    text('MQTT'),
    Buffer.from([4, flags, 0, 60]),
    text(clientId),
    text(presenceOf(login)),
    text(MARK),
    ...(username === undefined ? [] : [text(username)]),
    ...(secret === undefined ? [] : [text(secret)]),
  );
}
/** And at once what somebody with that id would ask and say. */
const session = (login: Login): Buffer =>
  Buffer.concat([
    connectPacket(login),
    packet(0x82, Buffer.from([0, 1]), text('#'), Buffer.from([1]), text(`hall/1/${HALL}/server/state`), Buffer.from([1])),
    packet(0x33, text(presenceOf(login)), Buffer.from([0, 2]), Buffer.from(MARK)),
  ]);

const listeners = ['plain', 'TLS', 'TLS with the certificate of an agent'] as const;
type Listener = (typeof listeners)[number];

function dial(listener: Listener): Socket {
  // Beside the cable, which looks at what passes.
  const real = Object.getPrototypeOf(hall.server) as HallServer;
  const { hostname, port } = new URL((listener === 'plain' ? real.mqttUrl : real.mqttsUrl) ?? '');
  const to = { host: hostname, port: Number(port) };
  if (listener === 'plain') return connectTcp(to);
  if (listener === 'TLS') return connectTls({ ...to, rejectUnauthorized: false });
  const { key, certificate } = JSON.parse(readFileSync(path.join(hall.folder, 'agent-a', 'identity.json'), 'utf8')) as Record<
    'key' | 'certificate',
    string
  >;
  return connectTls({ ...to, key, cert: certificate, rejectUnauthorized: false });
}

/** What came back until the connection was over. */
function answer(listener: Listener, bytes: Buffer): Promise<Buffer> {
  return new Promise((resolve) => {
    const socket = dial(listener);
    const parts: Buffer[] = [];
    socket.on('error', () => {});
    socket.on('data', (part) => void parts.push(part));
    socket.once('close', () => resolve(Buffer.concat(parts)));
    socket.write(bytes);
  });
}
const connack = (code: number) => Buffer.from([0x20, 2, 0, code]).toString('hex');

/** By name; what they are. */
const impossible: Readonly<Record<string, string | Uint8Array>> = {
  empty: '',
  '+': '+',
  '#': '#',
  'a/b': 'a/b',
  $SYS: '$SYS',
  __proto__: '__proto__',
  toString: 'toString',
  'U+0000': '\u0000',
  'an id with U+0000': `${OTHER}\u0000`,
  'U+0001': '\u0001',
  'U+001F': 'a\u001F',
  'U+007F': 'a\u007F',
  'U+FEFF before an id': `\uFEFF${OTHER}`,
  'a lone surrogate': Buffer.from([0xed, 0xa0, 0x80]),
  'invalid UTF-8': Buffer.from([0xc3, 0x28]),
  'an id and invalid UTF-8': Buffer.concat([Buffer.from(OTHER), Buffer.from([0xff])]),
  '33 characters': 'a'.repeat(33),
  '1,500 bytes': 'a'.repeat(1500),
  汉字: '汉字',
  'a combining mark': 'a\u0301gent',
  'another case': OTHER.toUpperCase(),
  'one letter in another case': 'agent-P',
  'a space behind': `${OTHER} `,
  'a space before': ` ${OTHER}`,
  'a line feed behind': `${OTHER}\n`,
  'two dots': `${PLATFORM}.a.b`,
  'a dot behind': `${PLATFORM}.`,
};
/** Could be ids, and are nobody's, or somebody else's. */
const nobodys: Readonly<Record<string, string>> = {
  constructor: 'constructor',
  'an unknown agent': 'agent-x',
  'another agent': 'agent-a',
  'a session of the platform, by an agent': `${PLATFORM}.${OTHER}`,
  server: 'server',
  "the server's name": `server-${HALL}`,
};

const credentials = (clientId: string | Uint8Array): readonly Login[] => [
  { clientId, username: OTHER, password },
  { clientId, username: OTHER, password: `${password}x` },
  { clientId, username: PLATFORM, password: hall.mqttPassword.slice(1) },
  { clientId, username: clientId, password },
  { clientId, username: clientId, password: hall.mqttPassword },
  { clientId, username: clientId },
  { clientId },
];

/** Answers that were none of a refusal with the code, and what the agents of the hall noticed of it: nothing is good. */
async function notRefused(ids: Readonly<Record<string, string | Uint8Array>>, code: number): Promise<string[]> {
  const noticed = () =>
    JSON.stringify(hall.server.services.agents.list().map(({ id, presence, since }) => [id, presence, since]));
  const before = noticed();
  const wrong: string[] = [];
  for (const listener of listeners) {
    const tried = Object.entries(ids).flatMap(([name, clientId]) => {
      // With the right password a platform may add a word to its id, but only one that is an id.
      const own = code === 2 ? [{ clientId, username: PLATFORM, password: hall.mqttPassword }] : [];
      return [...credentials(clientId), ...own].map((login) => ({ name, login }));
    });
    const answers = tried.map(async ({ name, login }) => {
      const got = (await answer(listener, session(login))).toString('hex');
      if (got !== connack(code)) wrong.push(`${name}, ${listener}: ${got} (${JSON.stringify(login)})`);
    });
    await callIsShown();
    await Promise.all(answers);
    await callIsShown();
  }
  if (agent.state().uplink !== 'welcomed') wrong.push(`the agent is ${agent.state().uplink}`);
  if (noticed() !== before) wrong.push(`${noticed()} instead of ${before}`);
  return wrong;
}

test('an id that nobody can have is rejected as such, whatever the credential', async () => {
  expect(await notRefused(impossible, 2)).toEqual([]);
}, 120_000);

test('an id of nobody, or of somebody else, is refused with a credential of one’s own', async () => {
  const { 'another agent': another = '', ...rest } = nobodys;
  expect(await notRefused(rest, 4)).toEqual([]);
  // With its own certificate it would be right.
  for (const listener of ['plain', 'TLS'] as const) {
    for (const login of credentials(another)) {
      expect((await answer(listener, session(login))).toString('hex')).toBe(connack(4));
    }
  }
  expect(agent.state().uplink).toBe('welcomed');
}, 120_000);

test('a client id of 65,535 bytes is at fault from its length, and gets no answer at all', async () => {
  const huge = { clientId: 'a'.repeat(65_535), username: OTHER, password };
  const answers = listeners.map((listener) => answer(listener, session(huge)));
  await callIsShown();
  for (const got of await Promise.all(answers)) expect(got.toString('hex')).toBe('');
}, 120_000);

test('one character and twenty-four are ids like others', async () => {
  for (const id of [SHORT, LONG, OTHER]) {
    for (const listener of ['plain', 'TLS'] as const) {
      const connect = connectPacket({ clientId: id, username: id, password: passwords[id] ?? '' });
      expect((await answer(listener, Buffer.concat([connect, DISCONNECT]))).toString('hex')).toBe(connack(0));
    }
  }
});

test('nobody is admitted under an id that nobody can have: not by a wish, not by the console, not by the server', async () => {
  const { baseUrl, cookie, csrf } = await administrator();
  const post = async (at: string, body: object) => {
    const reply = await fetch(`${baseUrl}${at}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie, 'x-csrf-token': csrf },
      body: JSON.stringify(body),
    });
    return { status: reply.status, body: reply.status === 204 ? undefined : ((await reply.json()) as ErrorReply) };
  };
  const waiting = await hall.startAgent('agent-a', 'another-machine');
  await vi.waitFor(() => expect(waiting.state().codes?.code).toBeDefined(), within);
  const [request] = hall.server.services.enrolment.list();
  const admit = (id: string) => post(`/api/v1/halls/${HALL}/enrolments/${request?.id}/admit`, { agent: id, code: request?.code });
  const ids = Object.values(impossible).map((id) => (typeof id === 'string' ? id : id.toString()));
  for (const id of ids) {
    expect(await admit(id)).toMatchObject({ status: 400, body: { code: 'INPUT_INVALID', field: '/agent' } });
    const wish = { csr: 'x', wish: id, host: 'a', version: '1' };
    expect(await post(`/api/v1/halls/${HALL}/enrolments`, wish)).toMatchObject({
      status: 400,
      body: { code: 'INPUT_INVALID', field: '/wish' },
    });
    await expect(hall.server.services.agents.admit(id)).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  }
  expect(hall.server.services.enrolment.list()).toHaveLength(1);
  expect((await admit('agent-w')).status).toBe(204);
  await vi.waitFor(() => expect(waiting.state().uplink).toBe('welcomed'), within);
  await callIsShown();
}, 120_000);

test('nothing of all that is kept, and nothing was said', async () => {
  const known = hall.server.services.agents.list().map(({ id }) => id);
  expect(known.toSorted()).toEqual(['agent-a', LONG, OTHER, 'agent-w', SHORT].toSorted());
  await hall.stopServer();
  await hall.stopAgent('agent-a');
  const holds = (file: string): string[] => {
    const db = new Database(file, { readonly: true });
    try {
      const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").pluck().all() as string[];
      const marks = [MARK, '__proto__', '$SYS', '汉字', 'AGENT-P', 'agent-P', '\uFEFF'];
      return tables.flatMap((table) =>
        db
          .prepare(`SELECT * FROM "${table}"`)
          .all()
          .flatMap((row) => marks.filter((mark) => JSON.stringify(row).includes(mark)).map((mark) => `${table}: ${mark}`)),
      );
    } finally {
      db.close();
    }
  };
  expect(holds(path.join(hall.folder, 'server', 'hall.db'))).toEqual([]);
  expect(holds(path.join(hall.folder, 'agent-a', 'agent.sqlite'))).toEqual([]);
  expect(hall.messages.faults).toEqual([]);
});

/** The first administrator, signed in. */
async function administrator(): Promise<{ readonly baseUrl: string; readonly cookie: string; readonly csrf: string }> {
  const baseUrl = hall.server.httpUrl;
  const post = (at: string, body: object) =>
    fetch(`${baseUrl}${at}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  const login = { name: 'admin', password: 'yunzhou-bridge-58-lantern' };
  const { status } = await post('/api/v1/bootstrap', { code: hall.server.bootstrapCode, display: 'Admin', ...login });
  expect(status).toBe(201);
  const session = await post('/api/v1/sessions', login);
  const cookie = session.headers.get('set-cookie')?.split(';', 1)[0] ?? '';
  const { csrf } = (await session.json()) as { csrf: string };
  return { baseUrl, cookie, csrf };
}
