import './device-page.css';
import { allows } from '@hall/contracts';
import { Link, useParams } from 'wouter';
import { useWords } from '../i18n/language.tsx';
import { useDevices } from '../live/hall-data.ts';
import { Failure } from '../shell/failure.tsx';
import { useMe } from '../shell/me.ts';
import { deviceSections } from './device-sections.tsx';
import { Loading } from '../shell/loading.tsx';

/** Everything about one device; its address is what the label on the device leads to. */
export default function DevicePage() {
  const words = useWords();
  const t = words.devicePage;
  const { id } = useParams<{ id: string }>();
  const { roles } = useMe();
  const devices = useDevices();
  const device = devices.data?.find((one) => one.id === id);
  // A device that was only just made is in the next reading.
  if (!devices.data || (!device && devices.isFetching)) {
    if (devices.error) return <Failure error={devices.error} onRetry={() => void devices.refetch()} />;
    return <Loading page />;
  }
  if (!device) {
    return (
      <section className="centre-text">
        <h1>{t.notFound(id)}</h1>
        <p className="help">{t.notFoundHelp}</p>
        <Link href="/devices">{words.discovery.back}</Link>
      </section>
    );
  }
  return (
    <>
      <div className="page-head">
        <h1>{device.name}</h1>
        <span className="row-actions">
          <Link href="/devices">{words.discovery.back}</Link>
          <Link href={`/labels?devices=${device.id}`}>{t.label}</Link>
        </span>
      </div>
      <div className="device-sections">
        {deviceSections
          .filter(({ needs }) => needs === undefined || allows(roles, needs))
          .map(({ key, title, Body }) => (
            <section key={key} aria-labelledby={`section-${key}`}>
              <h2 id={`section-${key}`}>{title(words)}</h2>
              <Body device={device} />
            </section>
          ))}
      </div>
    </>
  );
}
