import type { AlarmDetail, AlarmReport, AlarmView, MaintenanceWindow, TopologyView } from '@hall/contracts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createConsoleFixture, type ConsoleFixture } from '../console/fixture.ts';
import type { Browser } from '../people/fixture.ts';

let hall: ConsoleFixture;
let operator: Browser;
beforeEach(async () => {
  hall = await createConsoleFixture();
  operator = await hall.as('operator');
  hall.state.conditions.push({
    type: 'device_offline',
    object: { kind: 'device', id: 's01' },
    evidence: { error: 'DEVICE_TIMEOUT' },
  });
  await hall.alarms.evaluate();
  await hall.clock.advance(30_000);
  await hall.alarms.evaluate();
});
afterEach(() => hall.close());
const at = (path: string) => `/halls/demo${path}`;
const list = async () => (await operator.ask('GET', at('/alarms'))).json<AlarmView[]>();
const first = async () => (await list())[0] as AlarmView;

test('the list has the alarm with its object, its windows and what was seen', async () => {
  expect(await list()).toMatchObject([
    { type: 'device_offline', name: '01', priority: 2, active: true, windows: ['01'], evidence: { error: 'DEVICE_TIMEOUT' } },
  ]);
});

test('acknowledge, assign, comment, shelve and take back: each answers the alarm, and its life tells all', async () => {
  const { id } = await first();
  const path = (end: string) => at(`/alarms/${id}/${end}`);
  expect((await operator.ask('POST', path('acknowledge'))).json()).toMatchObject({
    acknowledged: { by: expect.stringContaining('operator') as string },
  });
  expect((await operator.ask('PUT', path('assignee'), { assignee: '李工' })).json()).toMatchObject({ assignee: '李工' });
  expect((await operator.ask('POST', path('comments'), { text: '在路上' })).statusCode).toBe(200);
  expect((await operator.ask('PUT', path('shelf'), { minutes: 60, reason: '等备件' })).json()).toMatchObject({
    shelved: { reason: '等备件' },
  });
  expect((await operator.ask('DELETE', path('shelf'))).json()).toMatchObject({ shelved: null });
  const { events } = (await operator.ask('GET', at(`/alarms/${id}`))).json<AlarmDetail>();
  expect(events.map(({ what }) => what)).toEqual(['unshelved', 'shelved', 'commented', 'assigned', 'acknowledged', 'raised']);
  expect((await operator.ask('GET', at('/alarms/history?limit=2'))).json()).toHaveLength(2);
});

test('who only looks may not act; wrong input and unknown alarms are refused', async () => {
  const { id } = await first();
  const auditor = await hall.as('auditor');
  expect((await auditor.ask('GET', at(`/alarms/${id}`))).statusCode).toBe(200);
  expect((await auditor.ask('POST', at(`/alarms/${id}/acknowledge`))).statusCode).toBe(403);
  expect((await operator.ask('POST', at(`/alarms/${id}/comments`), { text: '   ' })).statusCode).toBe(400);
  expect((await operator.ask('PUT', at(`/alarms/${id}/shelf`), { minutes: 43_201, reason: 'x' })).statusCode).toBe(400);
  expect((await operator.ask('GET', at('/alarms/999'))).statusCode).toBe(404);
  expect((await operator.ask('POST', at('/alarms/x/acknowledge'))).statusCode).toBe(400);
});

test('maintenance windows are added, changed and removed', async () => {
  const body = { object: { kind: 'device', id: 's01' }, from: 1000, until: 2000, reason: '换屏' };
  const added = await operator.ask('POST', at('/maintenance'), body);
  expect(added.statusCode).toBe(201);
  const { id } = added.json<MaintenanceWindow>();
  expect((await operator.ask('PUT', at(`/maintenance/${id}`), { ...body, until: 3000 })).json()).toMatchObject({
    id,
    until: 3000,
  });
  expect((await operator.ask('POST', at('/maintenance'), { ...body, until: 1000 })).json()).toMatchObject({ field: '/until' });
  expect((await operator.ask('GET', at('/maintenance'))).json()).toMatchObject([{ id, until: 3000, reason: '换屏' }]);
  expect((await operator.ask('DELETE', at(`/maintenance/${id}`))).statusCode).toBe(204);
  expect((await operator.ask('DELETE', at(`/maintenance/${id}`))).statusCode).toBe(404);
});

test('the report as JSON and as a table for a spreadsheet', async () => {
  const report = (await operator.ask('GET', at('/alarms/report?days=7'))).json<AlarmReport>();
  expect(report).toMatchObject({ alarms: 1, raises: 1, topTen: [{ type: 'device_offline', raises: 1 }] });
  expect(report.days).toHaveLength(8);
  const csv = await operator.ask('GET', at('/alarms/report/export?days=7'));
  expect(csv.headers['content-disposition']).toContain('alarms-7-days.csv');
  expect(csv.body.startsWith('\uFEFFpart,name,value\r\n')).toBe(true);
  expect(csv.body).toContain('top ten,设备离线 s01,1\r\n');
});

test('the topology', async () => {
  expect((await operator.ask('GET', at('/topology'))).json<TopologyView>()).toEqual({
    hall: 'demo',
    platforms: ['city'],
    agents: [{ id: 'edge-1', switches: [], devices: ['s01'] }],
  });
});
