import type { Write } from '../../platform/store/write.ts';
import { appendAudit, type AuditEntry } from './chain.ts';

/** Records something that no write of its own records, above all a refusal. */
const append: Write<Omit<AuditEntry, 'at'>, null> = (db, entry, context) => {
  appendAudit(db, { ...entry, at: context.nowMs });
  context.changed('audit');
  return null;
};

/** Writes of the audit feature; run in the writer worker. */
export const auditWrites = { 'audit.append': append } as const;
