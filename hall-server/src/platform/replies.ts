import type {} from '@fastify/swagger';
import { ErrorReply, errorCodes, type ErrorCode } from '@hall/contracts';
import { Type } from 'typebox';

const reply = { ...ErrorReply, title: 'ErrorReply' };
const headers = {
  'retry-after': { type: 'integer', description: 'Seconds after which the same request may succeed; only where it may.' },
};
const errors = (description: string) => ({ description, headers, content: { 'application/json': { schema: reply } } });
const refused = errors('Refused; the code says why.');
const failed = errors('Failed on the side of the server.');

/** Response schemas of a route: its good answers, and the error reply for every other. */
export const replies = <R extends Record<number, unknown>>(good: R) => ({ ...good, '4xx': refused, '5xx': failed });

/** Response schemas of a route that names its refusals: one for each HTTP status of these codes. */
export function refusals(codes: readonly ErrorCode[]): Record<number, unknown> {
  const statuses = new Set(codes.map((code) => errorCodes[code].http));
  return Object.fromEntries(
    [...statuses].map((status) => {
      const here = codes.filter((code) => errorCodes[code].http === status);
      const { headers: retry, ...plain } = errors(here.map((code) => `\`${code}\`: ${errorCodes[code].en}`).join(' '));
      return [status, here.some((code) => errorCodes[code].retry) ? { ...plain, headers: retry } : plain];
    }),
  );
}

/** An answer without a body. */
export const Nothing = Type.Null({ description: 'No content.' });
