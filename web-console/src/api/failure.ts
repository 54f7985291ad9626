import { errorCodes, type ErrorCode } from '@hall/contracts';
import type { Language } from '../i18n/language.tsx';
import { dictionaries } from '../i18n/language.tsx';
import { spanText } from '../time/age.ts';
import { ApiError } from './client.ts';

/** What a person is told about a failure: one sentence, and what helps to put it right. */
export interface FailureText {
  readonly code: string;
  readonly message: string;
  readonly hints: readonly string[];
}

const isCode = (code: string): code is ErrorCode => Object.hasOwn(errorCodes, code);

/** The sentence of an error code; a code this console does not know yet stays as it is. */
export const codeText = (code: string, language: Language): string => (isCode(code) ? errorCodes[code][language] : code);

/** A failure in the chosen language: the sentence of the error table, then field, expectation and waiting time. */
export function failureText(error: unknown, language: Language): FailureText {
  const words = dictionaries[language];
  if (!(error instanceof ApiError)) return { code: 'UNEXPECTED', message: words.failure.unexpected, hints: [] };
  const { reply, timedOut } = error;
  if (!reply) {
    const message = timedOut ? words.failure.timeout : error.status === 0 ? words.failure.offline : words.failure.unexpected;
    return { code: error.status === 0 ? 'OFFLINE' : `HTTP_${error.status}`, message, hints: [] };
  }
  const hints: string[] = [];
  if (reply.field) hints.push(words.common.field(reply.field));
  if (reply.expected) hints.push(words.common.expected(reply.expected));
  if (reply.retryAfterS) hints.push(words.common.retryAfter(spanText(reply.retryAfterS, words.age)));
  if (reply.code === 'INTERNAL') hints.push(words.common.requestId(reply.requestId));
  const message = isCode(reply.code) ? errorCodes[reply.code][language] : reply.message;
  return { code: reply.code, message, hints };
}
