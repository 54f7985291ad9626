/** `/api/v1/halls/{hall}/work-orders`. */
import { Id, RepairQuery, RepairRow, WorkOrder, WorkOrderCreate, WorkOrderPatch, WorkOrderQuery } from '@hall/contracts';
import type { FastifyPluginAsync } from 'fastify';
import { Type, type Static } from 'typebox';
import { csvText } from '../../platform/csv-text.ts';
import { replies } from '../../platform/replies.ts';
import { askerOf } from '../people/access.ts';
import type { WorkOrderService } from './service.ts';

const closed = { additionalProperties: false } as const;
const tags = ['work orders'];
const OrderParams = Type.Object({ hall: Id, order: Type.Integer({ minimum: 1 }) }, closed);
const EXPORT_ROWS = 100_000;

const time = (ms: number | null): string => (ms === null ? '' : new Date(ms).toISOString());
const csvOf = (orders: readonly WorkOrder[]): string =>
  csvText(
    [
      'id',
      'state',
      'title',
      'device',
      'driver',
      'alarm',
      'person',
      'part',
      'fault',
      'opened',
      'opened_by',
      'begun',
      'ended',
      'repair_minutes',
      'work_minutes',
      'notes',
    ],
    orders.map((order) => [
      String(order.id),
      order.state,
      order.title,
      order.device ?? '',
      order.driver ?? '',
      order.alarmType ?? '',
      order.person,
      order.part,
      time(order.faultAt),
      time(order.openedAt),
      order.openedBy,
      time(order.begunAt),
      time(order.endedAt),
      order.state === 'done' && order.endedAt !== null ? ((order.endedAt - order.faultAt) / 60_000).toFixed(1) : '',
      order.workMin === null ? '' : String(order.workMin),
      order.notes.flatMap(({ text }) => (text === '' ? [] : [text])).join('\n'),
    ]),
  );

/** Work orders, their export, and the mean time to repair. */
export const workOrderRoutes: FastifyPluginAsync<{ workOrders: WorkOrderService }> = async (app, { workOrders }) => {
  app.get<{ Querystring: Static<typeof WorkOrderQuery> }>(
    '/work-orders',
    {
      config: { access: 'device.view' },
      schema: {
        tags,
        summary: 'Work orders, newest first',
        querystring: WorkOrderQuery,
        response: replies({ 200: Type.Array(WorkOrder) }),
      },
    },
    async ({ query }) => workOrders.list({ ...query, limit: query.limit ?? 100 }),
  );
  app.get(
    '/work-orders/export',
    {
      config: { access: 'device.view' },
      schema: {
        tags,
        summary: 'All work orders as CSV, newest first',
        response: replies({
          200: { description: 'CSV in UTF-8 with BOM.', content: { 'text/csv': { schema: Type.String() } } },
        }),
      },
    },
    async (_, reply) => {
      reply.header('content-disposition', 'attachment; filename="work-orders.csv"');
      return reply.type('text/csv; charset=utf-8').send(csvOf(workOrders.list({ limit: EXPORT_ROWS })));
    },
  );
  app.get<{ Querystring: Static<typeof RepairQuery> }>(
    '/work-orders/repairs',
    {
      config: { access: 'device.view' },
      schema: {
        tags,
        summary: 'Mean time to repair per driver or type of alarm; the last 90 days unless told otherwise',
        querystring: RepairQuery,
        response: replies({ 200: Type.Array(RepairRow) }),
      },
    },
    async ({ query }) => workOrders.repairs(query),
  );
  app.post<{ Body: WorkOrderCreate }>(
    '/work-orders',
    {
      config: { access: 'work_order.act' },
      schema: { tags, summary: 'Open a work order', body: WorkOrderCreate, response: replies({ 201: WorkOrder }) },
    },
    async (request, reply) => reply.code(201).send(await workOrders.open(askerOf(request), request.body)),
  );
  app.patch<{ Params: Static<typeof OrderParams>; Body: WorkOrderPatch }>(
    '/work-orders/:order',
    {
      config: { access: 'work_order.act' },
      schema: {
        tags,
        summary: 'Change the state, person, part or time of a work order, or add a note',
        params: OrderParams,
        body: WorkOrderPatch,
        response: replies({ 200: WorkOrder }),
      },
    },
    async (request) => workOrders.change(askerOf(request), request.params.order, request.body),
  );
};
