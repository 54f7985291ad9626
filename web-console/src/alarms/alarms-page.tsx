import { Tabs } from 'antd';
import { useWords } from '../i18n/language.tsx';
import { AlarmList } from './alarm-list.tsx';
import { AlarmHistory } from './history.tsx';
import { Maintenance } from './maintenance.tsx';
import { Quality } from './quality.tsx';

/** What is wrong in the hall, what to do about it, and how good the alarms themselves are. */
export default function AlarmsPage() {
  const t = useWords().alarms;
  return (
    <>
      <h1>{t.title}</h1>
      <Tabs
        items={[
          { key: 'list', label: t.list, children: <AlarmList /> },
          { key: 'maintenance', label: t.maintenance, children: <Maintenance /> },
          { key: 'history', label: t.history, children: <AlarmHistory /> },
          { key: 'quality', label: t.quality, children: <Quality /> },
        ]}
      />
    </>
  );
}
