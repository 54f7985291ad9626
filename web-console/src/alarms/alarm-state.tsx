import type { AlarmView } from '@hall/contracts';
import { useWords } from '../i18n/language.tsx';
import { timeText } from '../time/hall-clock.ts';

/** What of its life a person has to know, in words. */
export function AlarmState({ alarm, zone }: { alarm: AlarmView; zone: string }) {
  const t = useWords().alarms;
  const said = [
    alarm.active ? t.active : t.cleared,
    alarm.acknowledged ? t.acknowledgedBy(alarm.acknowledged.by) : t.unacknowledged,
    ...(alarm.assignee === null ? [] : [t.assignedTo(alarm.assignee)]),
    ...(alarm.shelved ? [t.shelvedUntil(timeText(alarm.shelved.until, zone, 'full'))] : []),
    ...(alarm.maintenance ? [t.inMaintenance] : []),
    ...(alarm.count > 1 ? [t.times(alarm.count)] : []),
  ];
  return <span className={alarm.active ? '' : 'quiet'}>{said.join(' · ')}</span>;
}
