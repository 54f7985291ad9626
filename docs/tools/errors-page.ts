import { errorCodes } from '@hall/contracts';

/** `docs/errors.md`: every code a reply, a report or a log line can carry. */
export function errorsPage(): string {
  const rows = Object.entries(errorCodes).map(
    ([code, { http, retry, zh, en }]) => `| \`${code}\` | ${http} | ${retry ? 'yes' : 'no'} | ${zh} | ${en} |`,
  );
  return [
    '# Errors',
    '',
    'Generated from `contracts/src/errors.ts` by `node scripts/docs.mjs`; do not edit. Codes are never renamed and never reused.',
    'A reply carries the code with a request id; *retry* tells whether the same request can succeed later.',
    '',
    '| code | HTTP | retry | 中文 | English |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}
