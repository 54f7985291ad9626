import './discovery.css';
import type { FoundView } from '@hall/contracts';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { useWords } from '../i18n/language.tsx';
import { Failure } from '../shell/failure.tsx';
import { useMay } from '../shell/me.ts';
import { AdoptDialog } from './adopt-dialog.tsx';
import { FoundList } from './found-list.tsx';
import { SearchForm } from './search-form.tsx';
import { useDiscovery } from './use-discovery.ts';
import { Loading } from '../shell/loading.tsx';

/** Nothing was found, and what to look at. */
function Nothing({ searched }: { searched: boolean }) {
  const t = useWords().discovery;
  if (!searched) {
    return (
      <section className="empty">
        <h3>{t.nothingYet}</h3>
        <p className="help">{t.nothingYetHelp}</p>
      </section>
    );
  }
  return (
    <section className="empty">
      <h3>{t.nothing}</h3>
      <p>{t.checkTitle}</p>
      <ul>
        {t.checks.map((check) => (
          <li key={check}>{check}</li>
        ))}
      </ul>
    </section>
  );
}

const isTaken = ({ device, found }: FoundView): boolean => device !== null || found.known !== undefined;

/** Searching for devices, and making those that were found devices of the hall. */
export default function DiscoveryPage() {
  const words = useWords();
  const t = words.discovery;
  const discovery = useDiscovery();
  const mayEdit = useMay('content.edit');
  const [adopting, setAdopting] = useState<FoundView>();
  const [, go] = useLocation();
  if (!discovery.data) {
    if (discovery.error) return <Failure error={discovery.error} onRetry={() => void discovery.refetch()} />;
    return <Loading page />;
  }
  const { searches, found } = discovery.data;
  const running = searches.some(({ state }) => state === 'running');
  const fresh = found.filter((row) => !isTaken(row) && !row.ignored);
  const folded = [
    { key: 'known', title: t.knownDevices, rows: found.filter(isTaken) },
    { key: 'ignored', title: t.ignoredDevices, rows: found.filter((row) => !isTaken(row) && row.ignored) },
  ].filter(({ rows }) => rows.length > 0);
  return (
    <>
      <div className="page-head">
        <h1>{t.title}</h1>
        <Link href="/devices">{t.back}</Link>
      </div>
      <p className="help">{t.onlyAsks}</p>
      {mayEdit && <SearchForm searches={searches} />}
      <section aria-labelledby="found-new">
        <h2 id="found-new">{`${t.newDevices} · ${t.foundCount(fresh.length)}`}</h2>
        {fresh.length === 0 && !running && <Nothing searched={searches.length > 0} />}
        <FoundList rows={fresh} onAdopt={setAdopting} />
      </section>
      {folded.map(({ key, title, rows }) => (
        <details key={key} className="folded">
          <summary>{`${title} · ${rows.length}`}</summary>
          <FoundList rows={rows} onAdopt={setAdopting} />
        </details>
      ))}
      {adopting && (
        <AdoptDialog
          row={adopting}
          onClose={(device) => {
            setAdopting(undefined);
            if (device) go(`/devices/${device.id}`);
          }}
        />
      )}
    </>
  );
}
