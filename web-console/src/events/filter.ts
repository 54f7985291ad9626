import type { EventRow } from '@hall/contracts';
import type { EventFilter } from '../api/hall-api.ts';

/** Whether a fact that has just arrived belongs to what is being looked at; the same rules as the server's. */
export const matches = (row: EventRow, filter: EventFilter): boolean =>
  (filter.type === undefined || row.type === filter.type) &&
  (filter.subject === undefined || row.subject === filter.subject) &&
  (filter.window === undefined || row.data['window'] === filter.window) &&
  (filter.flagged !== true || row.flag !== null);
