import { Tabs } from 'antd';
import { useWords } from '../i18n/language.tsx';
import { IslandList } from '../island/island-list.tsx';
import { EventLog } from './event-log.tsx';
import { Quarantine } from './quarantine.tsx';

/** What the platform told, and what was refused. */
export default function EventsPage() {
  const words = useWords();
  return (
    <>
      <h1>{words.events.title}</h1>
      <Tabs
        destroyOnHidden
        items={[
          { key: 'log', label: words.events.log, children: <EventLog /> },
          { key: 'quarantine', label: words.events.quarantine, children: <Quarantine /> },
          { key: 'island', label: words.island.title, children: <IslandList /> },
        ]}
      />
    </>
  );
}
