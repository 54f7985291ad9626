import type { Write } from '../../platform/store/write.ts';
import { appendAudit, type AuditEntry } from './chain.ts';

/** Records something that changed nothing else, above all a refusal. */
const append: Write<AuditEntry, null> = (db, entry, context) => {
  appendAudit(db, entry);
  context.changed('audit');
  return null;
};

/** Writes of the audit feature; run in the writer worker. */
export const auditWrites = { 'audit.append': append } as const;
