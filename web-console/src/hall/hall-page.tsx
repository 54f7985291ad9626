import { contentKinds, type ContentKind } from '@hall/contracts';
import { Alert, Spin, Tabs } from 'antd';
import { useLocation, useParams } from 'wouter';
import { useWords } from '../i18n/language.tsx';
import { Failure } from '../shell/failure.tsx';
import { useMay } from '../shell/me.ts';
import { CalendarForm } from './calendar-form.tsx';
import { ContentTable } from './content-table.tsx';
import { SettingsForm } from './settings-form.tsx';
import { useContent } from './use-content.ts';

const tabs = [...contentKinds, 'calendar', 'settings'] as const;
type Tab = (typeof tabs)[number];
const isTab = (word: string | undefined): word is Tab => (tabs as readonly (string | undefined)[]).includes(word);
const isKind = (tab: Tab): tab is ContentKind => (contentKinds as readonly string[]).includes(tab);

/** What the hall is made of: departments, services, staff, windows, devices with their bindings, calendar, settings. */
export default function HallPage() {
  const words = useWords();
  const { tab } = useParams<{ tab?: string }>();
  const [, go] = useLocation();
  const content = useContent();
  const mayEdit = useMay('content.edit');
  const active: Tab = isTab(tab) ? tab : 'windows';
  if (!content.data) {
    return content.error ? (
      <Failure error={content.error} onRetry={() => void content.refetch()} />
    ) : (
      <Spin className="page-spin" aria-label={words.common.loading} />
    );
  }
  const held = content.data;
  const body = (key: Tab) => {
    if (isKind(key)) return <ContentTable kind={key} content={held.content} mayEdit={mayEdit} />;
    if (key === 'calendar') return <CalendarForm key={held.etag} content={held.content} mayEdit={mayEdit} />;
    return <SettingsForm key={held.etag} settings={held.content.settings} mayEdit={mayEdit} />;
  };
  return (
    <>
      <h1>{words.hall.title}</h1>
      {!mayEdit && <Alert type="info" title={words.hall.readOnly} />}
      <Tabs
        activeKey={active}
        onChange={(key) => go(`/hall/${key}`)}
        destroyOnHidden
        items={tabs.map((key) => ({
          key,
          label: isKind(key) ? words.hall.kinds[key] : words.hall[key],
          children: key === active ? body(key) : null,
        }))}
      />
    </>
  );
}
