/** Alarms, maintenance windows, the quality report and the topology under `/api/v1/halls/{hall}`. */
import {
  AlarmAssign,
  AlarmComment,
  AlarmDetail,
  AlarmEvent,
  AlarmId,
  AlarmReport,
  AlarmShelve,
  AlarmView,
  Id,
  MaintenanceRequest,
  MaintenanceWindow,
  TopologyView,
} from '@hall/contracts';
import type { FastifyPluginAsync } from 'fastify';
import { Type, type Static } from 'typebox';
import { Nothing, replies } from '../../platform/replies.ts';
import { askerOf } from '../people/access.ts';
import { reportCsv } from './report-csv.ts';
import type { AlarmService } from './service.ts';

const closed = { additionalProperties: false } as const;
const tags = ['alarms'];
const Params = Type.Object({ hall: Id, id: AlarmId }, closed);
const HistoryQuery = Type.Object(
  {
    before: Type.Optional(Type.Integer({ minimum: 1, description: 'Only rows older than this seq.' })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
  },
  closed,
);
const ReportQuery = Type.Object({ days: Type.Optional(Type.Integer({ minimum: 1, maximum: 366, default: 30 })) }, closed);
type WithId = { Params: Static<typeof Params> };

export interface AlarmRoutesOptions {
  readonly alarms: AlarmService;
  readonly topology: () => TopologyView;
}

export const alarmRoutes: FastifyPluginAsync<AlarmRoutesOptions> = async (app, { alarms, topology }) => {
  const view = { access: 'device.view' } as const;
  const act = { access: 'alarm.act' } as const;

  app.get(
    '/alarms',
    {
      config: view,
      schema: { tags, summary: 'Open alarms, root causes first', response: replies({ 200: Type.Array(AlarmView) }) },
    },
    async () => alarms.list(),
  );
  app.get<{ Querystring: Static<typeof HistoryQuery> }>(
    '/alarms/history',
    {
      config: view,
      schema: {
        tags,
        summary: 'What happened to alarms, newest first',
        querystring: HistoryQuery,
        response: replies({ 200: Type.Array(AlarmEvent) }),
      },
    },
    async ({ query: { before, limit = 50 } }) => alarms.history({ limit, ...(before !== undefined && { before }) }),
  );
  app.get<{ Querystring: Static<typeof ReportQuery> }>(
    '/alarms/report',
    {
      config: view,
      schema: { tags, summary: 'How good the alarms are', querystring: ReportQuery, response: replies({ 200: AlarmReport }) },
    },
    async ({ query: { days = 30 } }) => alarms.report(days),
  );
  app.get<{ Querystring: Static<typeof ReportQuery> }>(
    '/alarms/report/export',
    {
      config: view,
      schema: {
        tags,
        summary: 'Download the quality report',
        querystring: ReportQuery,
        response: replies({
          200: { description: 'CSV in UTF-8 with BOM.', content: { 'text/csv': { schema: Type.String() } } },
        }),
      },
    },
    async ({ query: { days = 30 } }, reply) => {
      reply.header('content-disposition', `attachment; filename="alarms-${days}-days.csv"`);
      return reply.type('text/csv; charset=utf-8').send(reportCsv(alarms.report(days)));
    },
  );
  app.get<WithId>(
    '/alarms/:id',
    {
      config: view,
      schema: {
        tags,
        summary: 'One alarm: what hangs on it, and its life',
        params: Params,
        response: replies({ 200: AlarmDetail }),
      },
    },
    async ({ params }) => alarms.detail(params.id),
  );
  app.post<WithId>(
    '/alarms/:id/acknowledge',
    {
      config: act,
      schema: { tags, summary: 'Say that somebody looks after it', params: Params, response: replies({ 200: AlarmView }) },
    },
    async (request) => alarms.act(request.params.id, { act: 'acknowledge' }, askerOf(request)),
  );
  app.put<WithId & { Body: Static<typeof AlarmAssign> }>(
    '/alarms/:id/assignee',
    {
      config: act,
      schema: {
        tags,
        summary: 'Give it to a person, or to nobody',
        params: Params,
        body: AlarmAssign,
        response: replies({ 200: AlarmView }),
      },
    },
    async (request) => alarms.act(request.params.id, { act: 'assign', assignee: request.body.assignee }, askerOf(request)),
  );
  app.post<WithId & { Body: Static<typeof AlarmComment> }>(
    '/alarms/:id/comments',
    {
      config: act,
      schema: {
        tags,
        summary: 'Write something to it',
        params: Params,
        body: AlarmComment,
        response: replies({ 200: AlarmView }),
      },
    },
    async (request) => alarms.act(request.params.id, { act: 'comment', text: request.body.text }, askerOf(request)),
  );
  app.put<WithId & { Body: Static<typeof AlarmShelve> }>(
    '/alarms/:id/shelf',
    {
      config: act,
      schema: {
        tags,
        summary: 'Put it aside for a time',
        params: Params,
        body: AlarmShelve,
        response: replies({ 200: AlarmView }),
      },
    },
    async (request) => alarms.act(request.params.id, { act: 'shelve', ...request.body }, askerOf(request)),
  );
  app.delete<WithId>(
    '/alarms/:id/shelf',
    { config: act, schema: { tags, summary: 'Take it back at once', params: Params, response: replies({ 200: AlarmView }) } },
    async (request) => alarms.act(request.params.id, { act: 'unshelve' }, askerOf(request)),
  );

  app.get(
    '/maintenance',
    { config: view, schema: { tags, summary: 'Maintenance windows', response: replies({ 200: Type.Array(MaintenanceWindow) }) } },
    async () => alarms.windows(),
  );
  app.post<{ Body: MaintenanceRequest }>(
    '/maintenance',
    {
      config: act,
      schema: {
        tags,
        summary: 'Add a time in which nothing is raised',
        body: MaintenanceRequest,
        response: replies({ 201: MaintenanceWindow }),
      },
    },
    async (request, reply) => reply.code(201).send(await alarms.putWindow(request.body, askerOf(request))),
  );
  app.put<WithId & { Body: MaintenanceRequest }>(
    '/maintenance/:id',
    {
      config: act,
      schema: {
        tags,
        summary: 'Replace a maintenance window',
        params: Params,
        body: MaintenanceRequest,
        response: replies({ 200: MaintenanceWindow }),
      },
    },
    async (request) => alarms.putWindow(request.body, askerOf(request), request.params.id),
  );
  app.delete<WithId>(
    '/maintenance/:id',
    {
      config: act,
      schema: { tags, summary: 'Remove a maintenance window', params: Params, response: replies({ 204: Nothing }) },
    },
    async (request, reply) => {
      await alarms.removeWindow(request.params.id, askerOf(request));
      return reply.code(204).send();
    },
  );

  app.get(
    '/topology',
    { config: view, schema: { tags, summary: 'What hangs on what', response: replies({ 200: TopologyView }) } },
    async () => topology(),
  );
};
