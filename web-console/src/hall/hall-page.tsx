import { contentKinds, type ContentKind } from '@hall/contracts';
import { Alert, Button } from 'antd';
import { Link, useParams } from 'wouter';
import { useWords } from '../i18n/language.tsx';
import { useHallApi } from '../live/hall-data.ts';
import { Failure } from '../shell/failure.tsx';
import { useMay } from '../shell/me.ts';
import { saveFile } from '../shell/save-file.ts';
import { useFailureMessage } from '../shell/use-failure-message.ts';
import { NoticesRoom } from '../notices/notices-room.tsx';
import { CalendarForm } from './calendar-form.tsx';
import { ContentTable } from './content-table.tsx';
import { SettingsForm } from './settings-form.tsx';
import { useContent } from './use-content.ts';
import { Loading } from '../shell/loading.tsx';

const tabs = [...contentKinds, 'calendar', 'settings', 'notices'] as const;
type Tab = (typeof tabs)[number];
const isTab = (word: string | undefined): word is Tab => (tabs as readonly (string | undefined)[]).includes(word);
const isKind = (tab: Tab): tab is ContentKind => (contentKinds as readonly string[]).includes(tab);

/** What the hall is made of: departments, services, staff, windows, devices with their bindings, calendar, settings. */
export default function HallPage() {
  const words = useWords();
  const { tab } = useParams<{ tab?: string }>();
  const content = useContent();
  const api = useHallApi();
  const tell = useFailureMessage();
  const mayEdit = useMay('content.edit');
  const mayNotice = useMay('notice.edit');
  const shown = tabs.filter((key) => key !== 'notices' || mayNotice);
  const active: Tab = isTab(tab) && shown.includes(tab) ? tab : 'windows';
  if (!content.data) {
    return content.error ? <Failure error={content.error} onRetry={() => void content.refetch()} /> : <Loading page />;
  }
  const held = content.data;
  const body = (key: Tab) => {
    if (isKind(key)) return <ContentTable key={key} kind={key} content={held.content} mayEdit={mayEdit} />;
    if (key === 'calendar') return <CalendarForm key={held.etag} content={held.content} mayEdit={mayEdit} />;
    if (key === 'notices') return <NoticesRoom key={key} />;
    return <SettingsForm key={held.etag} settings={held.content.settings} mayEdit={mayEdit} />;
  };
  return (
    <>
      <div className="page-head">
        <h1>{words.hall.title}</h1>
        <Button onClick={() => void api.exportContent().then((text) => saveFile('hall.json', text, 'application/json'), tell)}>
          {words.hall.exportAll}
        </Button>
      </div>
      {!mayEdit && <Alert type="info" title={words.hall.readOnly} />}
      <nav className="rooms sub" aria-label={words.hall.title}>
        {shown.map((key) => (
          <Link key={key} href={`/hall/${key}`} aria-current={key === active ? 'page' : undefined}>
            {isKind(key) ? words.hall.kinds[key] : key === 'notices' ? words.notices.title : words.hall[key]}
          </Link>
        ))}
      </nav>
      {body(active)}
    </>
  );
}
