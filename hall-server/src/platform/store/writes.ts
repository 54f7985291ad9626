/**
 * The registry of writes: `'feature.verb'` → function, contributed by each feature's `writes.ts`. Loaded by the writer worker;
 * the main thread uses only its type. A write that replaces hall content calls `context.changed('content')`; the worker then
 * reads it again with `readContent(db)` of `features/content/store.ts` and settles the live fields.
 */
import { alarmWrites } from '../../features/alarms/writes.ts';
import { agentWrites } from '../../features/agents/writes.ts';
import { discoveryWrites } from '../../features/discovery/writes.ts';
import { factWrites } from '../../features/facts/writes.ts';
import { auditWrites } from '../../features/audit/writes.ts';
import { commandWrites } from '../../features/commands/writes.ts';
import { contentWrites } from '../../features/content/writes.ts';
import { historyWrites } from '../../features/history/writes.ts';
import { enrolmentWrites } from '../../features/enrolment/writes.ts';
import { intakeWrites } from '../../features/intake/writes.ts';
import { noticeWrites } from '../../features/notices/writes.ts';
import { islandWrites } from '../../features/island/writes.ts';
import { peopleWrites } from '../../features/people/writes.ts';
import { workOrderWrites } from '../../features/work-orders/writes.ts';

export const writes = {
  ...agentWrites,
  ...factWrites,
  ...intakeWrites,
  ...auditWrites,
  ...contentWrites,
  ...commandWrites,
  ...peopleWrites,
  ...alarmWrites,
  ...noticeWrites,
  ...historyWrites,
  ...workOrderWrites,
  ...enrolmentWrites,
  ...discoveryWrites,
  ...islandWrites,
} as const;

export type Writes = typeof writes;
export type WriteName = keyof Writes;
export type WriteArgs<N extends WriteName> = Parameters<Writes[N]>[1];
export type WriteResult<N extends WriteName> = ReturnType<Writes[N]>;
