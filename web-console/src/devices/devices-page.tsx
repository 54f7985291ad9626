import { Link } from 'wouter';
import { useWords } from '../i18n/language.tsx';
import { UptimeReport } from '../history/uptime-report.tsx';
import { DeviceTable } from './device-table.tsx';

/** Devices as they should be and as they report to be. */
export default function DevicesPage() {
  const words = useWords();
  return (
    <>
      <div className="page-head">
        <h1>{words.devices.title}</h1>
        <span className="row-actions">
          <Link href="/discovery">{words.discovery.title}</Link>
          <Link href="/labels">{words.labels.open}</Link>
          { key: 'uptime', label: words.uptime.title, children: <UptimeReport /> },
        </span>
      </div>
      <DeviceTable />
    </>
  );
}
