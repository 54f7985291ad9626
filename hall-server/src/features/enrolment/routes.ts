/** `/api/v1/halls/{hall}/enrolments`, `/security`, and revoking. */
import {
  EnrolmentAdmit,
  EnrolmentAnswer,
  EnrolmentProof,
  EnrolmentRequest,
  EnrolmentTicket,
  EnrolmentView,
  HallError,
  Id,
  SecurityView,
  type Clock,
} from '@hall/contracts';
import type { FastifyPluginAsync } from 'fastify';
import { Type, type Static } from 'typebox';
import { Nothing, replies } from '../../platform/replies.ts';
import { askerOf } from '../people/access.ts';
import { limitByAddress } from '../people/address-limit.ts';
import type { EnrolmentService, SecurityService } from './service.ts';

const tags = ['fleet'];
const closed = { additionalProperties: false } as const;
const OfHall = Type.Object({ hall: Id }, closed);
const ById = Type.Object({ hall: Id, id: Type.String({ format: 'uuid' }) }, closed);
const OfAgent = Type.Object({ hall: Id, id: Id }, closed);
/** More than a request with a key of this kind is long. */
const BODY_BYTES = 8 * 1024;

export interface EnrolmentRoutesOptions {
  readonly hall: string;
  readonly clock: Clock;
  readonly enrolment: EnrolmentService;
  readonly security: SecurityService;
}

export const enrolmentRoutes: FastifyPluginAsync<EnrolmentRoutesOptions> = async (app, { hall, clock, enrolment, security }) => {
  const mayAsk = limitByAddress(clock.machine, { burst: 120, everyMs: 500 });
  // Of a whole fleet behind one address; a signature is looked at before anything is written.
  const mayChange = limitByAddress(clock.machine, { burst: 1000, everyMs: 20 });
  const mayFetch = limitByAddress(clock.machine, { burst: 1000, everyMs: 10 });
  const requireHall = (named: string) => {
    if (named !== hall) throw new HallError('HALL_UNKNOWN');
  };

  app.post<{ Params: Static<typeof OfHall>; Body: EnrolmentRequest }>(
    '/enrolments',
    {
      config: { access: 'public' },
      bodyLimit: BODY_BYTES,
      schema: {
        tags,
        summary: 'An agent asks for a certificate; a person admits it, or the key it had before signs for it',
        params: OfHall,
        body: EnrolmentRequest,
        response: replies({ 202: EnrolmentTicket }),
      },
    },
    async ({ params, body, ip }, reply) => {
      requireHall(params.hall);
      (body.keyOf === undefined ? mayAsk : mayChange)(ip);
      return reply.code(202).send(await enrolment.ask(body, ip));
    },
  );
  app.post<{ Params: Static<typeof ById>; Body: Static<typeof EnrolmentProof> }>(
    '/enrolments/:id/answer',
    {
      config: { access: 'public' },
      bodyLimit: BODY_BYTES,
      schema: {
        tags,
        summary: 'An agent fetches what was decided, with proof of its key',
        params: ById,
        body: EnrolmentProof,
        response: replies({ 200: EnrolmentAnswer }),
      },
    },
    async ({ params, body, ip }) => {
      requireHall(params.hall);
      mayFetch(ip);
      return enrolment.fetch(params.id, body);
    },
  );

  app.get(
    '/enrolments',
    {
      config: { access: 'agent.admit' },
      schema: { tags, summary: 'Requests that wait for a person', response: replies({ 200: Type.Array(EnrolmentView) }) },
    },
    async () => enrolment.list(),
  );
  app.post<{ Params: Static<typeof ById>; Body: Static<typeof EnrolmentAdmit> }>(
    '/enrolments/:id/admit',
    {
      config: { access: 'agent.admit' },
      schema: {
        tags,
        summary: 'Admit an agent under an id, or as the new hardware of an agent',
        params: ById,
        body: EnrolmentAdmit,
        response: replies({ 204: Nothing }),
      },
    },
    async (request, reply) => {
      await enrolment.admit(request.params.id, request.body, askerOf(request));
      return reply.code(204).send();
    },
  );
  app.post<{ Params: Static<typeof ById> }>(
    '/enrolments/:id/reject',
    {
      config: { access: 'agent.admit' },
      schema: { tags, summary: 'Reject a request', params: ById, response: replies({ 204: Nothing }) },
    },
    async (request, reply) => {
      await enrolment.reject(request.params.id, askerOf(request));
      return reply.code(204).send();
    },
  );
  app.post<{ Params: Static<typeof OfAgent> }>(
    '/agents/:id/revoke',
    {
      config: { access: 'agent.admit' },
      schema: {
        tags,
        summary: 'Revoke keys and password of an agent and cut its session',
        params: OfAgent,
        response: replies({ 204: Nothing }),
      },
    },
    async (request, reply) => {
      await enrolment.revoke(request.params.id, askerOf(request));
      return reply.code(204).send();
    },
  );
  app.get(
    '/security',
    {
      config: { access: 'device.view' },
      schema: {
        tags,
        summary: 'Certificates and keys of the hall, and what must be warned of',
        response: replies({ 200: SecurityView }),
      },
    },
    async () => security.view(),
  );
};
