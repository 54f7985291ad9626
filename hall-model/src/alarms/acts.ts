/** What people do to an alarm. Pure: the record after the act, or why it cannot be done. */
import type { AlarmHappening } from '@hall/contracts';
import { isOpen, type AlarmRecord } from './machine.ts';
import { alarmTypes } from './types.ts';

export type AlarmAct =
  | { readonly act: 'acknowledge' }
  | { readonly act: 'assign'; readonly assignee: string | null }
  | { readonly act: 'comment'; readonly text: string }
  | { readonly act: 'shelve'; readonly minutes: number; readonly reason: string }
  | { readonly act: 'unshelve' };

export type Acted =
  | { readonly record: AlarmRecord; readonly happened: AlarmHappening | undefined; readonly text: string }
  /** `closed`: nobody needs to look at it any more. `too_long`: the type allows `hours`. */
  | { readonly refused: 'closed' }
  | { readonly refused: 'too_long'; readonly hours: number };

const HOUR_MS = 3_600_000;

/** Doing again what is done already changes nothing and leaves no event. A comment is always possible. */
export function actOn(record: AlarmRecord, act: AlarmAct, by: string, nowMs: number): Acted {
  const same = { record, happened: undefined, text: '' };
  if (act.act === 'comment') return { record, happened: 'commented', text: act.text.trim() };
  if (act.act === 'acknowledge' && record.acknowledged) return same;
  if (act.act === 'unshelve') {
    return record.shelved ? { record: { ...record, shelved: null }, happened: 'unshelved', text: '' } : same;
  }
  if (!isOpen(record)) return { refused: 'closed' };
  switch (act.act) {
    case 'acknowledge':
      return { record: { ...record, acknowledged: { by, at: nowMs } }, happened: 'acknowledged', text: '' };
    case 'assign':
      if (act.assignee === record.assignee) return same;
      return { record: { ...record, assignee: act.assignee }, happened: 'assigned', text: act.assignee ?? '' };
    case 'shelve': {
      const hours = alarmTypes[record.type].shelveHours;
      if (act.minutes > hours * 60) return { refused: 'too_long', hours };
      const reason = act.reason.trim();
      const until = nowMs + (act.minutes * HOUR_MS) / 60;
      return { record: { ...record, shelved: { by, at: nowMs, until, reason } }, happened: 'shelved', text: reason };
    }
  }
}
