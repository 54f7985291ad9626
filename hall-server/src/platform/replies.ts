import type {} from '@fastify/swagger';
import { ErrorReply } from '@hall/contracts';
import { Type, type TSchema } from 'typebox';

/** Response schemas of a route: its good answers, and the error reply for every other. */
export const replies = <R extends Record<number, TSchema>>(good: R) => ({ ...good, '4xx': ErrorReply, '5xx': ErrorReply });

/** An answer without a body. */
export const Nothing = Type.Null({ description: 'No content.' });
