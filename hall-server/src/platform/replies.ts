import type {} from '@fastify/swagger';
import { ErrorReply } from '@hall/contracts';
import { Type } from 'typebox';

const refused = { ...ErrorReply, description: 'Refused; the code says why.' };
const failed = {
  ...ErrorReply,
  description: 'Failed on the side of the server; where retryAfterS is given, later may be better.',
};

/** Response schemas of a route: its good answers, and the error reply for every other. */
export const replies = <R extends Record<number, unknown>>(good: R) => ({ ...good, '4xx': refused, '5xx': failed });

/** An answer without a body. */
export const Nothing = Type.Null({ description: 'No content.' });
