/**
 * The raw floor, server side: fastify → one SQLite FULL group commit in a worker → one MQTT QoS 1 publish. None of the
 * product's logic: no signature, no schema, no rules. `/signed` adds the one thing nobody can leave out who takes signed
 * requests: their Standard Webhooks signature is checked and their JSON parsed, by nothing but Node. `/once` adds what nobody can
 * leave out who takes an event once: it is known by source and id, and the request by its id and the digest of its body, for as
 * long as the signature holds. Run as a process of its own; prints its ports as one JSON line. Arguments: database file, then
 * `stock` for a broker as its package delivers it. Environment: `FLOOR_SECRET`, the signing secret.
 */
import { createHmac, createSecretKey, hash, timingSafeEqual } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import { duplexPair } from 'node:stream';
import { isMainThread, parentPort, receiveMessageOnPort, Worker, workerData } from 'node:worker_threads';
import { Aedes } from 'aedes';
import Database from 'better-sqlite3';
import Fastify, { type FastifyRequest } from 'fastify';
import mqtt from 'mqtt';

interface Row {
  readonly n: number;
  readonly body: string;
  /** What makes it known again: source and id of the event; id, digest and end of the request. */
  readonly once?: readonly [source: string, id: string, request: string, digest: string, expiresAt: number];
}

/** As long as a signature of Standard Webhooks is accepted, ms. */
const TOLERANCE_MS = 300_000;

function runWriter(): void {
  const port = parentPort;
  if (!port) throw new Error('the writer runs in a worker');
  const db = new Database((workerData as { file: string }).file);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec('CREATE TABLE IF NOT EXISTS fact (n INTEGER PRIMARY KEY, body TEXT NOT NULL)');
  db.exec(
    'CREATE TABLE IF NOT EXISTS known (n INTEGER PRIMARY KEY, source TEXT, id TEXT, body TEXT NOT NULL, UNIQUE (id, source))',
  );
  db.exec('CREATE TABLE IF NOT EXISTS request (id TEXT PRIMARY KEY, digest TEXT, expires_at INTEGER) WITHOUT ROWID');
  db.exec('CREATE INDEX IF NOT EXISTS request_age ON request (expires_at)');
  const insert = db.prepare('INSERT INTO fact (n, body) VALUES (?, ?)');
  const know = db.prepare('INSERT INTO known (n, source, id, body) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING');
  const remember = db.prepare('INSERT INTO request (id, digest, expires_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING');
  const write = ({ n, body, once }: Row) => {
    if (!once) return insert.run(n, body);
    const [source, id, request, digest, expiresAt] = once;
    if (remember.run(request, digest, expiresAt).changes === 0) return undefined;
    return know.run(n, source, id, body);
  };
  port.on('message', (first: Row[]) => {
    const rows = first;
    for (let more = receiveMessageOnPort(port); more; more = receiveMessageOnPort(port)) rows.push(...(more.message as Row[]));
    db.transaction(() => {
      for (const row of rows) write(row);
    })();
    port.postMessage(rows.map((row) => row.n));
  });
}

async function runServer(): Promise<void> {
  const writer = new Worker(new URL(import.meta.url), { workerData: { file: process.argv[2] } });
  const waiting = new Map<number, () => void>();
  let count = 0;
  let gathered: Row[] = [];
  writer.on('message', (done: number[]) => {
    for (const n of done) {
      waiting.get(n)?.();
      waiting.delete(n);
    }
  });
  const commit = (body: string, once?: Row['once']): Promise<void> =>
    new Promise((resolve) => {
      count += 1;
      waiting.set(count, resolve);
      if (gathered.length === 0) {
        setImmediate(() => {
          writer.postMessage(gathered);
          gathered = [];
        });
      }
      gathered.push({ n: count, body, ...(once && { once }) });
    });

  const stock = process.argv[3] === 'stock';
  const broker = await Aedes.createBroker(stock ? {} : { drainTimeout: 2000, concurrency: 1000 });
  const mqttServer = createServer((socket: Socket) => {
    if (!stock) socket.setNoDelay(true);
    broker.handle(socket);
  });
  await new Promise<void>((resolve) => {
    mqttServer.listen(0, '127.0.0.1', resolve);
  });
  const client = new mqtt.MqttClient(
    () => {
      const [near, far] = duplexPair();
      broker.handle(far as Socket);
      return near as Socket;
    },
    { clientId: 'server', protocolVersion: 4, keepalive: 0 },
  );
  await new Promise((resolve) => client.once('connect', resolve));
  await client.subscribeAsync('floor/ack/+', { qos: 1 });
  let acknowledged: Array<[device: string, said: string, wallMs: number]> = [];
  client.on('message', (topic, payload) => {
    acknowledged.push([topic.slice('floor/ack/'.length), payload.toString(), Date.now()]);
  });

  const app = Fastify({ logger: false });
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.post('/event', async (request, reply) => {
    const body = request.body as string;
    await commit(body);
    const address = request.headers['x-device'];
    if (address !== undefined) client.publish(`floor/device/${String(address)}`, body, { qos: 1 });
    return reply.code(202).send({ accepted: 1 });
  });
  const secret = createSecretKey(Buffer.from((process.env['FLOOR_SECRET'] ?? '').replace('whsec_', ''), 'base64'));
  const isSigned = ({ body, headers }: FastifyRequest): boolean => {
    const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body as string}`;
    const expected = createHmac('sha256', secret).update(signed).digest();
    const given = Buffer.from(String(headers['webhook-signature']).slice('v1,'.length), 'base64');
    return given.length === expected.length && timingSafeEqual(given, expected);
  };
  app.post('/signed', async (request, reply) => {
    if (!isSigned(request)) return reply.code(401).send();
    const body = request.body as string;
    const { id } = JSON.parse(body) as { id: string };
    await commit(body);
    return reply.code(202).send({ accepted: id });
  });
  app.post('/once', async (request, reply) => {
    if (!isSigned(request)) return reply.code(401).send();
    const body = request.body as string;
    const { headers } = request;
    const { id, source } = JSON.parse(body) as { id: string; source: string };
    const expiresAt = Number(headers['webhook-timestamp']) * 1000 + TOLERANCE_MS;
    await commit(body, [source, id, String(headers['webhook-id']), hash('sha256', body, 'base64'), expiresAt]);
    return reply.code(202).send({ accepted: id });
  });
  app.get('/acknowledged', () => {
    const told = acknowledged;
    acknowledged = [];
    return told;
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const http = (app.server.address() as { port: number }).port;
  const mqttPort = (mqttServer.address() as { port: number }).port;
  process.stdout.write(`${JSON.stringify({ http, mqtt: mqttPort })}\n`);
}

if (isMainThread) await runServer();
else runWriter();
