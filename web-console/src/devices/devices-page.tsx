import { Tabs } from 'antd';
import { Link } from 'wouter';
import { UptimeReport } from '../history/uptime-report.tsx';
import { useWords } from '../i18n/language.tsx';
import { DeviceTable } from './device-table.tsx';

/** Devices as they should be and as they report to be, and how long each was right. */
export default function DevicesPage() {
  const words = useWords();
  return (
    <>
      <div className="page-head">
        <h1>{words.devices.title}</h1>
        <span className="row-actions">
          <Link href="/discovery">{words.discovery.title}</Link>
          <Link href="/labels">{words.labels.open}</Link>
        </span>
      </div>
      <Tabs
        items={[
          { key: 'devices', label: words.devices.title, children: <DeviceTable /> },
          { key: 'uptime', label: words.uptime.title, children: <UptimeReport /> },
        ]}
      />
    </>
  );
}
