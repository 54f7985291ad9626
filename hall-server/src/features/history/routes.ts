/** `/api/v1/halls/{hall}/devices/{id}/history` and `/uptime`. */
import { DeviceHistory, HistoryQuery, Id, UptimeQuery, UptimeRow, conditions } from '@hall/contracts';
import type { FastifyPluginAsync } from 'fastify';
import { Type, type Static } from 'typebox';
import { csvText } from '../../platform/csv-text.ts';
import { replies } from '../../platform/replies.ts';
import type { HistoryService } from './service.ts';

const tags = ['hall'];
const DeviceParams = Type.Object({ hall: Id, id: Id }, { additionalProperties: false });
const MINUTE_MS = 60_000;

/** Minutes with one decimal, share in percent with two; '' where nothing is known. */
const csvOf = (rows: readonly UptimeRow[]): string =>
  csvText(
    ['group', 'day', 'screens', 'uptime_percent', ...conditions.map((condition) => `${condition}_minutes`)],
    rows.map(({ group, day, screens, uptime, ms }) => [
      group,
      day,
      String(screens),
      uptime === null ? '' : (uptime * 100).toFixed(2),
      ...conditions.map((condition) => (ms[condition] / MINUTE_MS).toFixed(1)),
    ]),
  );

/** History of one device, and uptime of all. */
export const historyRoutes: FastifyPluginAsync<{ history: HistoryService }> = async (app, { history }) => {
  app.get<{ Params: Static<typeof DeviceParams>; Querystring: Static<typeof HistoryQuery> }>(
    '/devices/:id/history',
    {
      config: { access: 'device.view' },
      schema: {
        tags,
        summary: 'States and one measurement of a device; the last day unless told otherwise',
        params: DeviceParams,
        querystring: HistoryQuery,
        response: replies({ 200: DeviceHistory }),
      },
    },
    async ({ params, query }) => history.device(params.id, query),
  );
  app.get<{ Querystring: Static<typeof UptimeQuery> }>(
    '/uptime',
    {
      config: { access: 'device.view' },
      schema: {
        tags,
        summary: 'Share of the opening hours in which screens were right, by group and day',
        querystring: UptimeQuery,
        response: replies({
          200: {
            description: 'Rows as JSON, or as CSV in UTF-8 with BOM.',
            content: { 'application/json': { schema: Type.Array(UptimeRow) }, 'text/csv': { schema: Type.String() } },
          },
        }),
      },
    },
    async ({ query: { format, ...ask } }, reply) => {
      const rows = await history.uptime(ask);
      if (format !== 'csv') return rows;
      reply.header('content-disposition', 'attachment; filename="uptime.csv"');
      return reply.type('text/csv; charset=utf-8').send(csvOf(rows));
    },
  );
};
