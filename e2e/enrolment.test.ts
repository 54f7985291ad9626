/** How an agent becomes one of the fleet, changes its key, and is cut off: through the whole system, over mutual TLS. */
import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { EdgeAgent } from '@hall/agent';
import { startHall, type RunningHall } from '@hall/proof';
import { connect } from 'mqtt';
import { afterEach, describe, expect, test, vi } from 'vitest';

const within = { timeout: 30_000 };
const admin = { by: 'wang', address: '10.0.0.9' };
let hall: RunningHall;
afterEach(() => hall?.close());

const strip = (window: string) => () => hall.shown(window);
const presence = (agent: string) => () => hall.server.services.agents.list().find(({ id }) => id === agent)?.presence;
const waiting = () => hall.server.services.enrolment.list();
const audit = (action: string) =>
  hall.server.services.db
    .prepare<[string], { person: string; object: string; details: string }>(
      'SELECT person, object, details FROM audit WHERE action = ? ORDER BY seq',
    )
    .all(action);

test('an agent enrols itself, is admitted by its code, and drives its strip', async () => {
  hall = await startHall({ windows: 2, signIn: 'by-hand' });
  const agent = hall.agents.get('agent-a');
  await expect.poll(() => agent?.state().codes?.code, within).toBeDefined();
  const [request] = waiting();
  expect(request).toMatchObject({ wish: 'agent-a', takesOver: false, address: '127.0.0.1', code: agent?.state().codes?.code });
  const { trust } = await hall.server.services.security.view();
  expect(agent?.state().codes?.trustCode).toBe(trust.code);
  // Until then it is nobody: no agent, no session, no document.
  expect(hall.server.services.agents.list()).toEqual([]);
  expect(agent?.state()).toMatchObject({ uplink: 'offline', agent: undefined, devices: {} });
  await hall.feed.send([hall.feed.event('window.opened', 'made-w01', { window: 'w01' }), hall.feed.called('w01', 'A001')]);
  await hall.server.services.enrolment.admit(request?.id ?? '', { agent: 'agent-a', code: request?.code ?? '' }, admin);
  await expect.poll(strip('w01'), within).toContain('A001');
  await expect.poll(() => hall.server.services.security.view().then(({ keys }) => keys[0]?.state), within).toBe('current');
  expect(waiting()).toEqual([]);
  expect(audit('agent.enrol')).toMatchObject([{ person: 'wang', object: 'agent-a' }]);
});

test('who is not admitted gets no message, whatever it tries', async () => {
  hall = await startHall({ windows: 1, signIn: 'by-hand' });
  const agent = hall.agents.get('agent-a');
  await expect.poll(() => agent?.state().codes?.code, within).toBeDefined();
  let messages = 0;
  const tries = [
    { clientId: 'agent-a', username: 'agent-a' },
    { clientId: 'agent-a', username: 'agent-a', password: '' },
    { clientId: 'agent-a', username: 'agent-a', password: 'agent-a' },
    { clientId: '+', username: '#' },
  ];
  const ca = readFileSync(path.join(hall.folder, 'server', 'ca', 'ca.crt'));
  for (const login of tries) {
    const client = connect(hall.server.mqttsUrl ?? '', { ...login, ca, reconnectPeriod: 0 });
    client.on('message', () => (messages += 1));
    client.on('connect', () => client.subscribe(['#', 'hall/1/a/server/state', 'hall/1/a/agent/agent-a/welcome']));
    const ended = new Promise<string>((resolve) => {
      client.on('error', ({ message }) => resolve(message));
      client.on('close', () => resolve('closed'));
    });
    expect(await ended).toMatch(/[Rr]efused|closed|[Bb]ad/);
    client.end(true);
  }
  expect(messages).toBe(0);
  expect(agent?.state()).toMatchObject({ uplink: 'offline', agent: undefined });
  expect(hall.server.services.agents.list()).toEqual([]);
});

describe('a revoked agent', () => {
  test('is cut within a second, and refused by a server that was restarted, or put back to before it', async () => {
    hall = await startHall({ windows: 1, signIn: 'mutual-tls' });
    const agent = hall.agents.get('agent-a') as EdgeAgent;
    const uplink = () => agent.state().uplink;
    await expect.poll(uplink, within).toBe('welcomed');
    const database = path.join(hall.folder, 'server');
    const aside = path.join(hall.folder, 'backup');
    // A backup of the database alone, from before.
    await hall.stopServer();
    for (const name of readdirSync(database))
      if (name.startsWith('hall.db')) cpSync(path.join(database, name), path.join(aside, name));
    await hall.startServer();
    await expect.poll(uplink, within).toBe('welcomed');

    const began = performance.now();
    await hall.server.services.enrolment.revoke('agent-a', admin);
    await vi.waitFor(() => expect(uplink()).toBe('offline'), { timeout: 1000, interval: 5 });
    expect(performance.now() - began).toBeLessThan(1000);
    await expect.poll(presence('agent-a'), within).toBe('lost');
    expect(audit('agent.revoke')).toMatchObject([{ person: 'wang', object: 'agent-a' }]);

    const states: string[] = [];
    const refusedAgain = async () => {
      const before = await refused();
      await expect.poll(refused, within).toBeGreaterThan(before + 1);
      states.push(uplink());
    };
    const refused = async () => {
      const text = await (await fetch(`${hall.server.httpUrl}/metrics`)).text();
      return Number(/^hall_mqtt_refused_connect (\S+)$/m.exec(text)?.[1]);
    };
    await refusedAgain();
    await hall.stopServer();
    await hall.startServer();
    await refusedAgain();
    await hall.stopServer();
    for (const name of readdirSync(database)) if (name.startsWith('hall.db')) rmSync(path.join(database, name));
    cpSync(aside, database, { recursive: true });
    await hall.startServer();
    expect((await hall.server.services.security.view()).keys).toHaveLength(1);
    await refusedAgain();
    expect(states).toEqual(['offline', 'offline', 'offline']);
  });
});

test('replacement hardware waits, takes the identity over by approval, and what spoke for it before is cut', async () => {
  hall = await startHall({ windows: 1, signIn: 'mutual-tls' });
  const old = hall.agents.get('agent-a') as EdgeAgent;
  await expect.poll(() => old.state().uplink, within).toBe('welcomed');
  await hall.feed.send([hall.feed.event('window.opened', 'made-w01', { window: 'w01' }), hall.feed.called('w01', 'A001')]);
  await expect.poll(strip('w01'), within).toContain('A001');

  const fresh = await hall.startAgent('agent-a', 'new-hardware');
  await expect.poll(() => fresh.state().codes?.code, within).toBeDefined();
  const [request] = waiting();
  expect(request).toMatchObject({ wish: 'agent-a', takesOver: true });
  const { enrolment, security } = hall.server.services;
  const admission = { agent: 'agent-a', code: request?.code ?? '' };
  await expect(enrolment.admit(request?.id ?? '', admission, admin)).rejects.toMatchObject({ code: 'AGENT_EXISTS' });
  expect(old.state().uplink).toBe('welcomed');
  await enrolment.admit(request?.id ?? '', { ...admission, takeOver: true }, admin);
  await vi.waitFor(() => expect(old.state().uplink).toBe('offline'), { timeout: 1000, interval: 5 });
  await expect.poll(() => fresh.state().uplink, within).toBe('welcomed');
  await hall.feed.send(hall.feed.called('w01', 'A002'));
  await old.close();
  await expect.poll(strip('w01'), within).toContain('A002');
  expect(security.warnings()).toMatchObject([{ type: 'agent_key_changed', object: 'agent-a' }]);
  expect(audit('agent.replace')).toMatchObject([{ person: 'wang', object: 'agent-a' }]);
});

test('two agents with one id: the second is refused, and both are named', async () => {
  hall = await startHall({ windows: 1, signIn: 'mutual-tls' });
  const first = hall.agents.get('agent-a') as EdgeAgent;
  await expect.poll(() => first.state().uplink, within).toBe('welcomed');
  // The disk of the first, copied: the same key, another database.
  const copied = path.join(hall.folder, 'copied');
  cpSync(path.join(hall.folder, 'agent-a', 'identity.json'), path.join(copied, 'identity.json'));
  const second = await hall.startAgent('agent-a', 'copied');
  await expect.poll(() => second.state().uplink, within).toBe('fenced');
  expect(hall.server.services.security.warnings()).toMatchObject([
    {
      type: 'agent_double',
      object: 'agent-a',
      installs: [
        { installId: first.state().installId, address: '127.0.0.1' },
        { installId: second.state().installId, address: '127.0.0.1' },
      ],
    },
  ]);
  await expect.poll(() => first.state().uplink, within).toBe('welcomed');
});

test('sixteen agents change their keys at once and come back, none is locked out, and the old keys are good no more', async () => {
  const names = Array.from({ length: 16 }, (_, at) => `agent-${at + 1}`);
  hall = await startHall({ windows: 16, agents: names, signIn: 'mutual-tls' });
  const agents = [...hall.agents.values()];
  const welcomed = () => agents.filter((agent) => agent.state().uplink === 'welcomed').length;
  const keys = async () => (await hall.server.services.security.view()).keys;
  await expect.poll(welcomed, { timeout: 120_000 }).toBe(16);
  await vi.waitFor(async () => expect((await keys()).map(({ state }) => state)).toEqual(names.map(() => 'current')), within);
  const before = new Set((await keys()).map(({ fingerprint }) => fingerprint));
  await Promise.all(agents.map((agent) => agent.renewKey()));
  await vi.waitFor(
    async () => {
      const now = await keys();
      expect(now).toHaveLength(16);
      expect(now.every(({ state, fingerprint }) => state === 'current' && !before.has(fingerprint))).toBe(true);
      expect(welcomed()).toBe(16);
    },
    { timeout: 120_000 },
  );
  // The storm after it: the server goes and comes back.
  await hall.stopServer();
  await vi.waitFor(() => expect(welcomed()).toBe(0), within);
  await hall.startServer();
  await expect.poll(welcomed, { timeout: 120_000 }).toBe(16);
  expect(audit('agent.key')).toHaveLength(16);
  expect(hall.server.services.security.warnings().filter(({ type }) => type === 'agent_key_changed')).toHaveLength(16);
}, 300_000);
