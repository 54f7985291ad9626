/** Mutual TLS at the embedded broker, over real sockets: who is let in, what is refused, and at what cost. */
import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { FakeClock, systemClock } from '@hall/contracts';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { admin, changed, enrolled, type Member } from '../../features/enrolment/fixture.ts';
import { startHall, type Hall } from '../../fixture.ts';
import type { ServerParts } from '../../services.ts';
import { openAuthority } from '../ca/authority.ts';
import { factsOf, issueWithKey, makeAuthority } from '../ca/x509.ts';
import { openKeys } from '../keys.ts';

const DAY = 86_400_000;
const secure = { config: { mqtts: { port: 0 } } };
const portOf = (hall: Hall) => Number(new URL(hall.mqttsUrl ?? '').port);
const metric = async (hall: Hall, name: string): Promise<number> => {
  const text = await (await fetch(`${hall.httpUrl}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
};

async function connect(
  hall: Hall,
  { key, cert, ca }: Pick<Member, 'key' | 'cert' | 'ca'>,
  login: IClientOptions,
): Promise<MqttClient> {
  const client = await mqtt.connectAsync(hall.mqttsUrl ?? '', { key, cert, ca, reconnectPeriod: 0, ...login }, false);
  client.on('error', () => {});
  onTestFinished(async () => {
    await client.endAsync(true);
  });
  return client;
}
const as = (id: string): IClientOptions => ({ clientId: id, username: id });
const closed = (client: MqttClient) =>
  new Promise<void>((resolve) => {
    client.once('close', () => resolve());
  });

/** A bare TLS connection; resolves with why it ended, or `open` when the handshake was good and stayed so for a moment. */
function shakeHands(hall: Hall, options: ConnectionOptions): Promise<string> {
  return new Promise((resolve) => {
    const socket = connectTls({ host: '127.0.0.1', port: portOf(hall), ...options });
    onTestFinished(() => void socket.destroy());
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.once('close', () => resolve('closed'));
  });
}

describe('a certificate of this hall', () => {
  test('is the agent it names, and nobody else', async () => {
    const hall = await startHall(secure);
    const member = await enrolled(hall, 'edge-8');
    await enrolled(hall, 'edge-9');
    const client = await connect(hall, member, as('edge-8'));
    expect(await client.subscribeAsync('hall/1/demo/agent/edge-8/welcome')).toMatchObject([{ qos: 0 }]);
    const others = ['hall/1/demo/agent/edge-9/welcome', 'hall/1/demo/agent/+/welcome', '#', 'hall/1/demo/server/state/#'];
    for (const filter of others) await expect(client.subscribeAsync(filter)).rejects.toBeInstanceOf(Error);
    for (const login of [
      as('edge-9'),
      { clientId: 'edge-9', username: 'edge-8' },
      { clientId: 'edge-8', username: 'edge-9' },
      {},
    ]) {
      await expect(connect(hall, member, login)).rejects.toThrow(/[Rr]efused|[Bb]ad/);
    }
    expect(client.connected).toBe(true);
  });

  test('that ran out, or has not begun, is refused', async () => {
    const hall = await startHall(secure);
    const member = await enrolled(hall, 'edge-8');
    const { publicKey } = { publicKey: hall.services.db.prepare('SELECT public_key FROM agent_keys').pluck().get() as string };
    const { wall } = systemClock();
    for (const days of [-200, 200]) {
      const authority = await openAuthority({
        data: hall.data,
        master: openKeys(hall.data).master,
        hall: 'demo',
        wall: { nowMs: () => wall.nowMs() + days * DAY },
      });
      const cert = await authority.issueAgent('edge-8', publicKey);
      await expect(connect(hall, { ...member, cert }, as('edge-8'))).rejects.toBeInstanceOf(Error);
    }
    await connect(hall, member, as('edge-8'));
  });

  test('is good for nothing once it is revoked; what is open is cut within a second, also by another process', async () => {
    const hall = await startHall(secure);
    const [eight, nine] = [await enrolled(hall, 'edge-8'), await enrolled(hall, 'edge-9')];
    const [first, second] = [await connect(hall, eight, as('edge-8')), await connect(hall, nine, as('edge-9'))];
    const [firstGone, secondGone] = [closed(first), closed(second)];
    const began = performance.now();
    await hall.services.enrolment.revoke('edge-8', admin);
    await firstGone;
    expect(performance.now() - began).toBeLessThan(1000);
    expect(second.connected).toBe(true);
    const { revokeAgent } = await import('../../tools.ts');
    const again = performance.now();
    await revokeAgent(hall.data, 'edge-9');
    await secondGone;
    expect(performance.now() - again).toBeLessThan(1000);
    for (const [member, id] of [
      [eight, 'edge-8'],
      [nine, 'edge-9'],
    ] as const) {
      await expect(connect(hall, member, as(id))).rejects.toThrow(/[Rr]efused|[Bb]ad/);
    }
    expect(
      readFileSync(join(hall.data, 'ca', 'revoked'), 'utf8')
        .trim()
        .split('\n')
        .toSorted(),
    ).toEqual([eight.fingerprint, nine.fingerprint].toSorted());
  });

  test('with a key that was replaced is refused: a stolen one is of use until the next change at most', async () => {
    const hall = await startHall(secure);
    const first = await enrolled(hall, 'edge-8');
    const second = await changed(hall, 'edge-8', first);
    // The new one was not used: an agent that could not store it comes back with the old one.
    await (await connect(hall, first, as('edge-8'))).endAsync(true);
    const client = await connect(hall, second, as('edge-8'));
    client.publish('hall/1/demo/agent/edge-8/hello', hello('edge-8'), { qos: 1 });
    await vi.waitFor(async () =>
      expect((await hall.services.security.view()).keys).toMatchObject([{ state: 'current', fingerprint: second.fingerprint }]),
    );
    await expect(connect(hall, first, as('edge-8'))).rejects.toThrow(/[Rr]efused|[Bb]ad/);
    expect(client.connected).toBe(true);
  });
});

const hello = (agent: string) =>
  JSON.stringify({
    specversion: '1.0',
    id: 'e-1',
    source: `/hall/demo/agent/${agent}`,
    type: 'hall.1.hello',
    time: new Date(systemClock().wall.nowMs()).toISOString(),
    data: {
      epoch: 'epoch-1',
      installId: 'install-1',
      version: '0.1.0',
      drivers: [],
      applied: { devices: {}, live: { gen: '', seq: 0 } },
      outbox: { tail: 0, head: 0 },
      wallMs: systemClock().wall.nowMs(),
    },
  });

test('a certificate of another authority is refused, with the right key and name too', async () => {
  const hall = await startHall(secure);
  const member = await enrolled(hall, 'edge-8');
  const { wall } = systemClock();
  const span = { from: wall.nowMs() - DAY, until: wall.nowMs() + DAY };
  const authority = await makeAuthority('Hall Control demo', span);
  const stranger = await issueWithKey({ authority, name: 'edge-8', use: 'client', span });
  await expect(connect(hall, { ...stranger, cert: stranger.certificate, ca: member.ca }, as('edge-8'))).rejects.toBeInstanceOf(
    Error,
  );
  await vi.waitFor(async () => expect(await metric(hall, 'hall_mqtt_refused_handshakes')).toBeGreaterThan(0));
});

test('without a certificate a password counts, as on the plain port', async () => {
  const hall = await startHall(secure);
  const { ca } = await enrolled(hall, 'edge-8');
  const client = await mqtt.connectAsync(hall.mqttsUrl ?? '', { ca, ...as('edge-1'), password: hall.agentPassword });
  onTestFinished(() => client.endAsync(true));
  await expect(
    mqtt.connectAsync(hall.mqttsUrl ?? '', { ca, ...as('edge-8'), password: '', reconnectPeriod: 0 }, false),
  ).rejects.toBeInstanceOf(Error);
});

test('TLS 1.1 and garbage are turned away, and a handshake that does not go on is cut', async () => {
  const hall = await startHall(secure);
  const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0', rejectUnauthorized: false } as const;
  expect(await shakeHands(hall, old)).toMatch(/PROTOCOL|VERSION|closed|ECONNRESET/);
  const silent = connectTcp(portOf(hall), '127.0.0.1');
  const began = performance.now();
  const cut = new Promise<void>((resolve) => {
    silent.once('close', () => resolve());
  });
  silent.on('error', () => {});
  silent.write(Buffer.from([0x16, 0x03, 0x01]));
  await cut;
  expect(performance.now() - began).toBeLessThan(15_000);
  expect(await metric(hall, 'hall_mqtt_refused_handshakes')).toBe(2);
});

test('the guard of the plain port looks at what comes over TLS too', async () => {
  const clock = new FakeClock();
  const hall = await startHall({ ...secure, clock });
  const socket: TLSSocket = connectTls({ host: '127.0.0.1', port: portOf(hall), rejectUnauthorized: false });
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {});
  // CONNECT that declares 200 MB.
  socket.write(Buffer.from([0x10, 0xff, 0xff, 0xff, 0x5f]));
  await vi.waitFor(async () => expect(await metric(hall, 'hall_mqtt_framing_faults')).toBe(1), { timeout: 10_000 });
});

test('a thousand handshakes that are refused leave nothing behind, and disturb nobody', async () => {
  const hall = await startHall(secure);
  const member = await enrolled(hall, 'edge-8');
  const client = await connect(hall, member, as('edge-8'));
  const { wall } = systemClock();
  const span = { from: wall.nowMs() - DAY, until: wall.nowMs() + DAY };
  const stranger = await issueWithKey({ authority: await makeAuthority('x', span), name: 'edge-8', use: 'client', span });
  const once = () =>
    new Promise<void>((resolve) => {
      const socket = connectTls({
        host: '127.0.0.1',
        port: portOf(hall),
        key: stranger.key,
        cert: stranger.certificate,
        rejectUnauthorized: false,
      });
      socket.on('error', () => {});
      socket.once('close', () => resolve());
    });
  const round = async (times: number) => {
    for (let at = 0; at < times; at += 25) await Promise.all(Array.from({ length: 25 }, once));
  };
  await round(200);
  globalThis.gc?.();
  const before = process.memoryUsage();
  await round(1000);
  globalThis.gc?.();
  const after = process.memoryUsage();
  expect(after.heapUsed + after.external - before.heapUsed - before.external).toBeLessThan(32 * 1024 * 1024);
  expect(await metric(hall, 'hall_mqtt_refused_handshakes')).toBe(1200);
  expect(await metric(hall, 'hall_mqtt_connections')).toBe(1);
  expect(client.connected).toBe(true);
}, 120_000);

test('a new server certificate is shown to whoever comes next; nobody is cut', async () => {
  const folder = (name: string) => join(hallFolder, name);
  const { mkdtempSync, rmSync } = await import('node:fs');
  const { tmpdir } = await import('node:os');
  const hallFolder = mkdtempSync(join(tmpdir(), 'hall-tls-'));
  onTestFinished(() => rmSync(hallFolder, { recursive: true }));
  const { wall } = systemClock();
  const span = { from: wall.nowMs() - DAY, until: wall.nowMs() + DAY };
  const authority = await makeAuthority('City', span);
  let written = 0;
  const write = async () => {
    const made = await issueWithKey({ authority, name: 'hall', use: 'server', names: ['127.0.0.1'], span });
    writeFileSync(folder('server.crt'), made.certificate);
    writeFileSync(folder('server.key'), made.key);
    written += 1;
    utimesSync(folder('server.crt'), written, written);
    return factsOf(made.certificate).fingerprint;
  };
  const first = await write();
  writeFileSync(folder('ca.crt'), authority.certificate);
  const tls = { certFile: folder('server.crt'), keyFile: folder('server.key'), caFile: folder('ca.crt') };
  const hall = await startHall({ config: { mqtts: { port: 0 }, tls } });
  const shown = () =>
    new Promise<string>((resolve, reject) => {
      const socket = connectTls({ host: '127.0.0.1', port: portOf(hall), ca: authority.certificate }, () => {
        resolve(socket.getPeerCertificate().fingerprint256.replaceAll(':', '').toLowerCase());
        socket.destroy();
      });
      socket.once('error', reject);
    });
  const member = await enrolled(hall, 'edge-8');
  expect(member.ca).toBe(authority.certificate);
  const client = await connect(hall, member, as('edge-8'));
  const gone = vi.fn<() => void>();
  client.on('close', gone);
  expect(await shown()).toBe(first);
  const second = await write();
  const parts = hall.services as ServerParts;
  await parts.tls.look();
  expect(await shown()).toBe(second);
  expect(second).not.toBe(first);
  // Files of no use are told and left.
  writeFileSync(folder('server.key'), 'nothing');
  await parts.tls.look();
  expect(await shown()).toBe(second);
  expect(gone).not.toHaveBeenCalled();
  expect(client.connected).toBe(true);
  await connect(hall, await enrolled(hall, 'edge-9'), as('edge-9'));
});

test('HTTPS by configuration, with the certificate of the hall', async () => {
  const hall = await startHall({ config: { mqtts: { port: 0 }, http: { port: 0, tls: true } } });
  expect(hall.httpUrl).toMatch(/^https:/);
  const { port } = new URL(hall.httpUrl);
  const ca = readFileSync(join(hall.data, 'ca', 'ca.crt'));
  const { get } = await import('node:https');
  const status = await new Promise<number | undefined>((resolve, reject) => {
    get({ host: '127.0.0.1', port, path: '/healthz', ca, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).once('error', reject);
  });
  expect(status).toBe(200);
});
