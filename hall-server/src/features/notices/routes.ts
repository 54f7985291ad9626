/** `/api/v1/halls/{hall}/notices`. */
import {
  ChannelTest,
  ChannelTestReply,
  ConsoleNotice,
  Delivery,
  DeliveryQuery,
  HallError,
  Id,
  NoticeSettingsPut,
  NoticeSettingsView,
} from '@hall/contracts';
import type { FastifyPluginAsync } from 'fastify';
import { Type, type Static } from 'typebox';
import { Nothing, replies } from '../../platform/replies.ts';
import { askerOf } from '../people/access.ts';
import type { NoticeService } from './service.ts';

const closed = { additionalProperties: false } as const;
const tags = ['notices'];
const IfMatch = Type.Object({ 'if-match': Type.String({ description: 'ETag of the settings the change was made from.' }) });
const ChannelParams = Type.Object({ hall: Id, channel: Id }, closed);
const SHOWN = 50;

/** Who is told of alarms, what was sent, and what stands on the console. */
export const noticeRoutes: FastifyPluginAsync<{ notices: NoticeService }> = async (app, { notices }) => {
  app.get(
    '/notices/settings',
    {
      config: { access: 'notice.edit' },
      schema: {
        tags,
        summary: 'Channels, people and steps; secrets are never answered',
        response: replies({ 200: NoticeSettingsView }),
      },
    },
    async (_, reply) => {
      const view = notices.settings();
      reply.header('etag', `"${view.version}"`);
      return view;
    },
  );
  app.put<{ Body: NoticeSettingsPut }>(
    '/notices/settings',
    {
      config: { access: 'notice.edit' },
      schema: {
        tags,
        summary: 'Replace the settings; a secret that is left out stays, unless its channel leads elsewhere now',
        headers: IfMatch,
        body: NoticeSettingsPut,
        response: replies({ 204: Nothing }),
      },
    },
    async (request, reply) => {
      const version = /^"(\d{1,12})"$/.exec(String(request.headers['if-match']))?.[1];
      if (version === undefined)
        throw new HallError('INPUT_INVALID', { field: 'if-match', expected: 'the ETag of the settings' });
      await notices.store(askerOf(request), request.body, Number(version));
      return reply.code(204).send();
    },
  );
  app.post<{ Params: Static<typeof ChannelParams>; Body: Static<typeof ChannelTest> }>(
    '/notices/channels/:channel/test',
    {
      config: { access: 'notice.edit' },
      schema: {
        tags,
        summary: 'Send a marked test and answer what the channel answered',
        params: ChannelParams,
        body: ChannelTest,
        response: replies({ 200: ChannelTestReply }),
      },
    },
    async (request) => notices.test(askerOf(request), request.params.channel, request.body.person),
  );
  app.get<{ Querystring: Static<typeof DeliveryQuery> }>(
    '/notices/deliveries',
    {
      config: { access: 'notice.edit' },
      schema: {
        tags,
        summary: 'What was sent and what came of it, newest first',
        querystring: DeliveryQuery,
        response: replies({ 200: Type.Array(Delivery) }),
      },
    },
    async ({ query }) => notices.deliveries({ ...query, limit: query.limit ?? 50 }),
  );
  app.get(
    '/notices/console',
    {
      config: { access: 'device.view' },
      schema: {
        tags,
        summary: 'Notices on the console, newest first; 50 at most',
        response: replies({ 200: Type.Array(ConsoleNotice) }),
      },
    },
    async () => notices.onConsole(SHOWN),
  );
};
