import { nextWorkOrderStates, workOrderStates, type WorkOrder, type WorkOrderState } from '@hall/contracts';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { emptyContent } from '../content/store.ts';
import { createFixture, type Browser, type Fixture } from '../people/fixture.ts';
import { workOrderRoutes } from './routes.ts';
import { afterChange, isOver, repairTimes } from './rules.ts';
import { createWorkOrderService } from './service.ts';
import { createWorkOrderStore } from './store.ts';

const AT = '/halls/demo/work-orders';
const MINUTE = 60_000;
const content = {
  ...emptyContent,
  devices: [{ id: 'strip-w01', name: '01', agent: 'edge-1', driver: 'onbon-k', settings: {} }],
};

async function open(): Promise<Fixture & { operator: Browser }> {
  const fixture = await createFixture(async ({ app, db, writer, clock }) => {
    const store = createWorkOrderStore(db);
    const workOrders = createWorkOrderService({ store, writer, wall: clock.wall, content: () => content });
    await app.register(workOrderRoutes, { prefix: '/api/v1/halls/:hall', workOrders });
  });
  onTestFinished(fixture.close);
  return { ...fixture, operator: await fixture.as('operator') };
}

describe('the life of an order', () => {
  test('every state but those that are over leads on, and what is over stays', () => {
    for (const state of workOrderStates) {
      expect(isOver(state)).toBe(state === 'done' || state === 'cancelled');
      expect(nextWorkOrderStates[state]).not.toContain(state);
      expect(nextWorkOrderStates[state]).not.toContain('open');
    }
  });
  test('it begins once and ends once, however it goes', () => {
    const walk = fc.array(fc.constantFrom<WorkOrderState>(...workOrderStates), { maxLength: 12 });
    fc.assert(
      fc.property(walk, (wishes) => {
        let state: WorkOrderState = 'open';
        let moments: Pick<WorkOrder, 'begunAt' | 'endedAt'> = { begunAt: null, endedAt: null };
        for (const [now, wish] of wishes.entries()) {
          if (!nextWorkOrderStates[state].includes(wish)) continue;
          const before = moments;
          moments = afterChange(moments, wish, now);
          state = wish;
          expect([before.begunAt, now, null]).toContain(moments.begunAt);
          expect(before.begunAt === null || moments.begunAt === before.begunAt).toBe(true);
          expect(moments.endedAt !== null).toBe(isOver(state));
        }
        expect(state !== 'done' || moments.begunAt !== null).toBe(true);
      }),
    );
  });
});

test('mean time to repair is from the fault to the end, per kind, the slowest first', () => {
  const repair = (kind: string, minutes: number, workMin: number | null = null) => ({
    kind,
    faultAt: 0,
    endedAt: minutes * MINUTE,
    workMin,
  });
  expect(repairTimes([repair('onbon-k', 30, 10), repair('onbon-k', 90), repair('wall', 240)])).toEqual([
    { kind: 'wall', done: 1, meanMs: 240 * MINUTE, longestMs: 240 * MINUTE, meanWorkMin: null },
    { kind: 'onbon-k', done: 2, meanMs: 60 * MINUTE, longestMs: 90 * MINUTE, meanWorkMin: 10 },
  ]);
  expect(repairTimes([])).toEqual([]);
});

test('an alarm becomes an order that somebody works on and ends; the time it took is reported and audited', async () => {
  const { operator, clock, db } = await open();
  const begun = clock.wall.nowMs();
  await clock.advance(10 * MINUTE);
  const body = {
    title: '01 号窗口屏不在线',
    device: 'strip-w01',
    alarm: 'strip-w01/offline',
    alarmType: 'offline',
    faultAt: begun,
    person: '李工',
  };
  const created = await operator.ask('POST', AT, body);
  expect(created.statusCode).toBe(201);
  const order = created.json<WorkOrder>();
  expect(order).toMatchObject({ state: 'open', driver: 'onbon-k', faultAt: begun, person: '李工', ver: 1 });
  const patch = async (more: object, ver: number) => operator.ask('PATCH', `${AT}/${order.id}`, { ver, ...more });
  expect((await patch({ state: 'begun' }, 1)).json()).toMatchObject({ state: 'begun', ver: 2 });
  expect((await patch({ state: 'waiting_part', part: '电源 5V40A', note: '电源坏了，等配件' }, 2)).json()).toMatchObject({
    part: '电源 5V40A',
  });
  expect((await patch({ note: '撞了' }, 2)).json()).toMatchObject({ code: 'CONFLICT' });
  await clock.advance(50 * MINUTE);
  expect((await patch({ state: 'done', workMin: 15 }, 3)).json()).toMatchObject({ state: 'done', endedAt: begun + 60 * MINUTE });
  expect((await patch({ state: 'begun' }, 4)).json()).toMatchObject({ code: 'WORK_ORDER_STATE_REFUSED' });
  expect((await operator.ask('GET', `${AT}/repairs?by=alarm_type`)).json()).toEqual([
    { kind: 'offline', done: 1, meanMs: 60 * MINUTE, longestMs: 60 * MINUTE, meanWorkMin: 15 },
  ]);
  expect((await operator.ask('GET', `${AT}?state=unfinished`)).json()).toEqual([]);
  const csv = (await operator.ask('GET', `${AT}/export`)).body;
  expect(csv).toContain('01 号窗口屏不在线');
  expect(csv.split('\r\n')[1]).toContain(',60.0,15,');
  const acts = db.prepare(`SELECT action FROM audit WHERE action LIKE 'work_order.%' ORDER BY seq`).pluck().all();
  expect(acts).toEqual(['work_order.open', 'work_order.change', 'work_order.change', 'work_order.change']);
});

test('what makes no sense is refused, a spreadsheet runs nothing, and others may look at most', async () => {
  const { operator, as } = await open();
  const refused = async (body: object) => (await operator.ask('POST', AT, body)).statusCode;
  expect(await refused({ title: ' ' })).toBe(400);
  expect(await refused({ title: 'x', device: 'nothing' })).toBe(400);
  expect(await refused({ title: 'x\u0007' })).toBe(400);
  expect(await refused({ title: '=HYPERLINK("http://evil")' })).toBe(201);
  expect((await operator.ask('GET', `${AT}/export`)).body).toContain(`"'=HYPERLINK(`);
  expect((await operator.ask('PATCH', `${AT}/99`, { ver: 1 })).statusCode).toBe(404);
  const auditor = await as('auditor');
  expect((await auditor.ask('GET', AT)).statusCode).toBe(200);
  expect((await auditor.ask('POST', AT, { title: 'x' })).statusCode).toBe(403);
});
