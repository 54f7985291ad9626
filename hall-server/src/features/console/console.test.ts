import { permissions, roles, type Overview, type Role, type WindowView } from '@hall/contracts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openApiDocument } from '../../platform/openapi.ts';
import type { Browser } from '../people/fixture.ts';
import { agentRow, createConsoleFixture, factRow, stripView, windowRow, type ConsoleFixture } from './fixture.ts';

let hall: ConsoleFixture;
let manager: Browser;
beforeEach(async () => {
  hall = await createConsoleFixture();
  manager = await hall.as('manager');
});
afterEach(() => hall.close());
const at = (path: string) => `/halls/demo${path}`;
const overview = async () => (await manager.ask('GET', at('/overview'))).json<Overview>();
const firstWindow = async () => (await overview()).windows[0] as WindowView;

describe('overview', () => {
  test('a hall of which nothing is known yet says so', async () => {
    const view = await overview();
    expect(view.hall).toMatchObject({
      id: 'demo',
      zh: '政务服务大厅',
      phase: 'open',
      speed: 1,
      simulation: false,
      zone: 'Asia/Shanghai',
    });
    expect(view.hall.nextChangeAt).toBe(Date.UTC(2026, 10, 23, 4, 0));
    expect(view.windows.map(({ id, state, strips }) => ({ id, state, strips }))).toEqual([
      { id: 'w01', state: 'no_data', strips: [] },
      { id: 'w02', state: 'no_data', strips: [] },
    ]);
    expect(view).toMatchObject({ agents: 0, agentsOnline: 0, screens: 1, screensConfirmed: 0 });
  });

  test('a called window shows the ticket, who serves by the name policy, what waits, and what its strip was told', async () => {
    const now = hall.clock.wall.nowMs();
    hall.state.windows.set(
      'w01',
      windowRow('w01', 7, now, { state: 'serving', ticket: 'A001', callNumber: 2, calledAt: now, staff: 'zhang' }),
    );
    const queue = (service: string, waiting: number) =>
      ({
        changedAt: now,
        field: { key: `queue/${service}`, seq: 1, sourceTime: now, value: { kind: 'queue', service, waiting, next: ['A002'] } },
      }) as const;
    hall.state.queues.set('invoice', {
      ...queue('invoice', 4),
      field: { ...queue('invoice', 4).field, value: { kind: 'queue', service: 'invoice', waiting: 4, next: ['A002'] } },
    });
    hall.state.devices.set('s01', stripView('s01', now, { 'window/w01': 7 }));
    hall.state.agents.set('edge-1', agentRow('edge-1'));
    const view = await overview();
    expect(view.windows[0]).toEqual({
      id: 'w01',
      number: '01',
      area: 'A区',
      department: { id: 'tax', zh: '税务局', en: 'Tax Bureau' },
      services: [
        { id: 'invoice', zh: '发票代开', en: 'Invoices' },
        { id: 'permit', zh: '许可' },
      ],
      state: 'serving',
      ticket: 'A001',
      callNumber: 2,
      calledAt: now,
      reason: null,
      expectedReturnAt: null,
      staff: '张**',
      changedAt: now - 20,
      liveSeq: 7,
      waiting: 4,
      strips: [
        {
          device: 's01',
          link: 'online',
          level: 'acknowledged',
          freshness: 'live',
          text: ['A001 请到 01 号窗口'],
          current: true,
          confirmedAt: now + 12,
          latencyMs: 12,
        },
      ],
    });
    expect(view.queues).toEqual([
      { service: 'invoice', zh: '发票代开', en: 'Invoices', waiting: 4, next: ['A002'] },
      { service: 'permit', zh: '许可', waiting: 0, next: [] },
    ]);
    expect(view).toMatchObject({ agents: 1, agentsOnline: 1, screens: 1, screensConfirmed: 1 });
  });

  test('a strip that was told an older seq is not current and not confirmed', async () => {
    const now = hall.clock.wall.nowMs();
    hall.state.windows.set('w01', windowRow('w01', 8, now));
    hall.state.devices.set('s01', stripView('s01', now, { 'window/w01': 7 }));
    expect((await firstWindow()).strips[0]).toMatchObject({ current: false, latencyMs: null });
    expect((await overview()).screensConfirmed).toBe(0);
  });

  test('nothing is believed of a strip whose agent is away', async () => {
    const now = hall.clock.wall.nowMs();
    hall.state.windows.set('w01', windowRow('w01', 7, now));
    hall.state.devices.set('s01', { ...stripView('s01', now, { 'window/w01': 7 }), agentPresence: 'lost' });
    expect((await firstWindow()).strips[0]).toMatchObject({ link: 'unknown', current: false });
    expect((await overview()).screensConfirmed).toBe(0);
  });
});

describe('lists', () => {
  test('devices keep what their driver reported, whatever the names of its counters', async () => {
    const now = hall.clock.wall.nowMs();
    const view = { ...stripView('s01', now, { 'window/w01': 7 }), settings: { address: 1, deep: { list: [1, 'two'] } } };
    hall.state.devices.set('s01', view);
    expect((await manager.ask('GET', at('/devices'))).json()).toEqual([view]);
  });

  test('events come with their data', async () => {
    hall.state.facts.push(factRow(1), factRow(2));
    expect((await manager.ask('GET', at('/events?limit=10&flagged=true'))).json()).toEqual([factRow(2), factRow(1)]);
    expect((await manager.ask('GET', at('/events?limit=1000'))).json()).toMatchObject({ code: 'INPUT_INVALID' });
    expect((await manager.ask('GET', at('/traces/unknown'))).json()).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('admitting an agent shows its credential once and is audited', async () => {
    const administrator = await hall.as('administrator');
    const answer = await administrator.ask('POST', at('/agents'), { id: 'edge-2' });
    expect([answer.statusCode, answer.json()]).toEqual([201, { agent: 'edge-2', password: 'secret' }]);
    expect((await administrator.ask('POST', at('/agents'), { id: '+' })).json()).toMatchObject({
      code: 'INPUT_INVALID',
      field: '/id',
    });
    const rows = (await administrator.ask('GET', at('/audit?action=agent.admit'))).json();
    expect(rows).toMatchObject([
      { person: expect.stringContaining('administrator') as string, action: 'agent.admit', object: 'edge-2', outcome: 'done' },
    ]);
    expect(JSON.stringify(rows)).not.toContain('secret');
  });

  test('a bundle is uploaded as it is, by administrators alone', async () => {
    const files = [{ path: 'bundle/main.js', size: 3, sha256: '0'.repeat(64), mode: 0o644 }];
    const manifest = JSON.stringify({ version: '2.0.0', schema: 4, created: 1, needs: {}, files });
    const bytes = Buffer.from(`hall-agent-bundle 1\n${manifest.length} SHA256:k ${'A'.repeat(86)}\n${manifest}abc`);
    const type = { 'content-type': 'application/octet-stream' };
    const administrator = await hall.as('administrator');
    expect((await manager.ask('POST', at('/updates'), bytes, type)).statusCode).toBe(403);
    expect((await administrator.ask('POST', at('/updates'), {})).json()).toMatchObject({ code: 'MEDIA_TYPE_UNSUPPORTED' });
    const made = await administrator.ask('POST', at('/updates'), bytes, type);
    expect([made.statusCode, made.json()]).toEqual([201, expect.objectContaining({ version: '2.0.0', size: bytes.length })]);
    expect((await administrator.ask('GET', at('/updates'))).json()).toEqual([made.json()]);
    const { sha256 } = made.json<{ sha256: string }>();
    expect((await administrator.ask('DELETE', at(`/updates/${sha256}`))).statusCode).toBe(204);
    expect((await administrator.ask('GET', at('/updates'))).json()).toEqual([]);
  });

  test('the audit list is paged and its chain is whole', async () => {
    const auditor = await hall.as('auditor');
    const newest = (await auditor.ask('GET', at('/audit?limit=2'))).json<{ seq: number; hash: string }[]>();
    expect(newest).toHaveLength(2);
    expect(newest[0]?.hash).toMatch(/^[0-9a-f]{64}$/);
    const older = (await auditor.ask('GET', at(`/audit?limit=1&before=${newest[1]?.seq}`))).json<{ seq: number }[]>();
    expect(older[0]?.seq).toBe((newest[1]?.seq ?? 0) - 1);
    expect((await auditor.ask('GET', at('/audit/verdict'))).json()).toEqual({ whole: true, rows: newest[0]?.seq });
  });
});

describe('role × endpoint', () => {
  const people: readonly (Role | 'nobody')[] = ['nobody', ...roles];

  test.each(people)('%s may use exactly what the table of permissions allows', async (role) => {
    const browser = role === 'nobody' ? hall.browser() : await hall.as(role);
    const got: Record<string, string> = {};
    const expected: Record<string, string> = {};
    for (const { method, url, access } of hall.routes) {
      // Signing out ends the session that asks; it comes last, on its own.
      if (method === 'HEAD' || access === 'public' || access === 'signed' || url.endsWith('/sessions/current')) continue;
      const path = url
        .replace('/api/v1', '')
        .replace(':hall', 'demo')
        .replace(/:(id|name|eventId)/, url.includes('/sessions/:id') ? '00000000-0000-4000-8000-000000000000' : 'x1');
      const { statusCode } = await browser.ask(method as 'GET', path, undefined);
      const entry = `${method} ${url}`;
      got[entry] = statusCode === 401 ? 'sign in' : statusCode === 403 ? 'refused' : 'let in';
      const allowed: readonly string[] = permissions[access];
      expected[entry] = role === 'nobody' ? 'sign in' : allowed.includes(role) ? 'let in' : 'refused';
    }
    expect(Object.keys(got).length).toBeGreaterThan(35);
    expect(got).toEqual(expected);
    const out = await browser.ask('DELETE', '/sessions/current');
    expect(out.statusCode).toBe(role === 'nobody' ? 401 : 204);
  });

  test('the only routes without a session are signing in, the first administrator, an agent that asks to be admitted, and one that fetches its update', () => {
    const open = hall.routes.filter(({ access, method }) => access === 'public' && method !== 'HEAD');
    expect(open.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'GET /api/v1/bootstrap',
      'POST /api/v1/bootstrap',
      'POST /api/v1/sessions',
      'POST /api/v1/halls/:hall/enrolments',
      'POST /api/v1/halls/:hall/enrolments/:id/answer',
      'GET /api/v1/halls/:hall/updates/:sha256/bundle',
    ]);
  });
});

describe('OpenAPI', () => {
  test('the document is 3.1, has every route with a summary, and every error answer', async () => {
    const document = (await openApiDocument(hall.app)) as {
      openapi: string;
      paths: Record<string, Record<string, { summary?: string; responses: Record<string, unknown> }>>;
    };
    expect(document.openapi).toBe('3.1.0');
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ key: `${method.toUpperCase()} ${path}`, ...operation })),
    );
    const wanted = hall.routes
      .filter(({ method }) => method !== 'HEAD')
      .map(({ method, url }) => `${method} ${url.replaceAll(/:(\w+)/g, '{$1}')}`);
    expect(operations.map(({ key }) => key).toSorted()).toEqual(wanted.toSorted());
    const poor = operations.filter(({ summary, responses }) => !summary || !responses['4XX'] || !responses['5XX']);
    expect(poor).toEqual([]);
    expect(document.paths['/api/v1/halls/{hall}/content/import']?.['post']).toMatchObject({
      description: 'Needs the permission `content.edit`: manager, administrator.',
      security: [{ session: [] }],
      requestBody: { content: { 'text/csv': {} } },
    });
  });
});
