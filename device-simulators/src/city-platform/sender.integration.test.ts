import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '@hall/contracts';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { PlatformEvent } from './events.ts';
import { createSender, type Delivery, type Sender } from './sender.ts';
import { signWebhook } from './signature.ts';

const secret = `whsec_${Buffer.from('a key for this test only, 32 byte').toString('base64')}`;
const event = (n: number): PlatformEvent => ({
  specversion: '1.0',
  id: `e${n}`,
  source: '/test',
  type: 'feed.heartbeat',
  time: '2026-11-23T02:20:00Z',
  datacontenttype: 'application/json',
  data: {},
});

interface Request {
  readonly path: string;
  readonly type: string;
  readonly ids: readonly string[];
  readonly messageId: string;
}
type Reaction = (request: Request, reply: ServerResponse, incoming: IncomingMessage) => void;

/** An intake that checks signatures and answers as told. */
class Intake {
  readonly requests: Request[] = [];
  reaction: Reaction = accept;
  #server: Server | undefined;
  port = 0;

  async listen(): Promise<void> {
    const server = createServer((incoming, reply) => {
      const parts: Buffer[] = [];
      incoming.on('data', (part: Buffer) => parts.push(part));
      incoming.on('end', () => {
        const body = Buffer.concat(parts).toString('utf8');
        const headers = incoming.headers as Record<string, string>;
        const signed = signWebhook(secret, headers['webhook-id'] ?? '', Number(headers['webhook-timestamp']) * 1000, body);
        if (headers['webhook-signature'] !== signed['webhook-signature']) throw new Error('the signature does not match');
        const parsed = JSON.parse(body) as { id: string } | { id: string }[];
        const request = {
          path: incoming.url ?? '',
          type: headers['content-type'] ?? '',
          ids: [parsed].flat().map(({ id }) => id),
          messageId: headers['webhook-id'] ?? '',
        };
        this.requests.push(request);
        this.reaction(request, reply, incoming);
      });
    });
    await new Promise<void>((resolve) => {
      server.listen(this.port, '127.0.0.1', resolve);
    });
    this.port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  }
}

function accept({ ids }: Request, reply: ServerResponse): void {
  const outcomes = ids.map((id, index) => ({ index, id, outcome: 'accepted' }));
  reply.writeHead(202, { 'content-type': 'application/json' });
  reply.end(JSON.stringify({ accepted: ids.length, duplicate: 0, quarantined: 0, outcomes }));
}
const answer =
  (status: number, headers: Record<string, string> = {}, code = 'X'): Reaction =>
  (_, reply) => {
    reply.writeHead(status, headers);
    reply.end(JSON.stringify({ code, message: '', requestId: '' }));
  };

let intake: Intake;
let sender: Sender;
let deliveries: Delivery[];
async function begin(maxBatch?: number): Promise<void> {
  intake = new Intake();
  await intake.listen();
  deliveries = [];
  sender = createSender({
    baseUrl: `http://127.0.0.1:${intake.port}`,
    hall: 'main',
    secret,
    clock: systemClock(),
    delivered: (delivery) => deliveries.push(delivery),
    ...(maxBatch === undefined ? {} : { maxBatch }),
  });
}
const idsDelivered = () => deliveries.map((delivery) => delivery.event.id);

describe('the sender', () => {
  afterEach(async () => {
    await sender.close();
    await intake.close();
  });

  test('sends one event as it is and several as a batch, each request signed', async () => {
    await begin();
    sender.send(event(1));
    await sender.drained();
    for (let n = 2; n <= 4; n += 1) sender.send(event(n));
    await sender.drained();
    expect(intake.requests.map(({ path, type, ids }) => [path, type, ids])).toEqual([
      ['/api/v1/halls/main/platform/events', 'application/cloudevents+json', ['e1']],
      ['/api/v1/halls/main/platform/events', 'application/cloudevents-batch+json', ['e2', 'e3', 'e4']],
    ]);
    expect(deliveries.map(({ outcome }) => outcome)).toEqual(['accepted', 'accepted', 'accepted', 'accepted']);
  });

  test('keeps order and the limit of a batch', async () => {
    await begin(3);
    for (let n = 1; n <= 10; n += 1) sender.send(event(n));
    await sender.drained();
    expect(idsDelivered()).toEqual(Array.from({ length: 10 }, (_, at) => `e${at + 1}`));
    expect(Math.max(...intake.requests.map(({ ids }) => ids.length))).toBe(3);
  });

  test('waits as long as Retry-After says when the server is busy', async () => {
    await begin();
    let first = true;
    intake.reaction = (request, reply, incoming) => {
      if (first) answer(503, { 'retry-after': '1' })(request, reply, incoming);
      else accept(request, reply);
      first = false;
    };
    const clock = systemClock();
    const began = clock.machine.nowMs();
    sender.send(event(1));
    await sender.drained();
    expect(clock.machine.nowMs() - began).toBeGreaterThanOrEqual(990);
    expect(deliveries).toMatchObject([{ attempts: 2, outcome: 'accepted' }]);
    expect(new Set(intake.requests.map(({ messageId }) => messageId)).size).toBe(2);
  });

  test('sends again what a dying server has not answered for, and the effects are in order', async () => {
    await begin();
    intake.reaction = (_, __, incoming) => incoming.socket.destroy();
    sender.send(event(1));
    sender.send(event(2));
    await vi.waitFor(() => expect(intake.requests.length).toBeGreaterThan(0));
    await intake.close();
    sender.send(event(3));
    expect(sender.pending).toBe(3);
    intake.reaction = accept;
    await intake.listen();
    await sender.drained();
    expect(idsDelivered()).toEqual(['e1', 'e2', 'e3']);
  });

  test('gives up only what the server refuses for good, and says so', async () => {
    await begin(1);
    intake.reaction = (request, reply, incoming) => {
      if (request.ids[0] === 'e1') answer(422, {}, 'EVENT_INVALID')(request, reply, incoming);
      else accept(request, reply);
    };
    sender.send(event(1));
    sender.send(event(2));
    await sender.drained();
    expect(deliveries).toMatchObject([{ outcome: 'refused', code: 'EVENT_INVALID' }, { outcome: 'accepted' }]);
  });

  test('halves a batch that is too large', async () => {
    await begin(8);
    intake.reaction = (request, reply, incoming) => {
      if (request.ids.length > 3) answer(413)(request, reply, incoming);
      else accept(request, reply);
    };
    for (let n = 1; n <= 8; n += 1) sender.send(event(n));
    await sender.drained();
    expect(idsDelivered()).toEqual(Array.from({ length: 8 }, (_, at) => `e${at + 1}`));
  });

  test('a snapshot goes alone and in its place', async () => {
    await begin();
    sender.sendSnapshot({ source: '/test', time: '2026-11-23T02:20:00Z', tickets: [], windows: [] });
    sender.send(event(1));
    await sender.drained();
    expect(intake.requests.map(({ path }) => path)).toEqual([
      '/api/v1/halls/main/platform/snapshot',
      '/api/v1/halls/main/platform/events',
    ]);
  });
});
