import { Tabs } from 'antd';
import { useWords } from '../i18n/language.tsx';
import { UptimeReport } from '../history/uptime-report.tsx';
import { AgentTable } from './agent-table.tsx';
import { DeviceTable } from './device-table.tsx';

/** Devices as they should be and as they report to be; the agents they hang on. */
export default function DevicesPage() {
  const words = useWords();
  return (
    <>
      <h1>{words.devices.title}</h1>
      <Tabs
        items={[
          { key: 'devices', label: words.devices.devices, children: <DeviceTable /> },
          { key: 'agents', label: words.devices.agents, children: <AgentTable /> },
          { key: 'uptime', label: words.uptime.title, children: <UptimeReport /> },
        ]}
      />
    </>
  );
}
