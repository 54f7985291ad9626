import type { DeviceView } from '@hall/contracts';
import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState, type ReactNode } from 'react';
import { useAlarmText } from '../alarms/alarm-words.ts';
import { DeviceDrawer } from '../devices/device-drawer.tsx';
import { needsAttention } from '../devices/difference.ts';
import { named, useLanguage } from '../i18n/language.tsx';
import { useAgents, useAlarms, useDevices, useHallApi, useOverview } from '../live/hall-data.ts';
import { Failure } from '../shell/failure.tsx';
import { Mark } from '../shell/mark.tsx';
import { branchesOf, type Branch } from './tree.ts';
import { Loading } from '../shell/loading.tsx';

/** A line that opens. What is down because of the line itself stays folded until somebody asks. */
function Line({ label, branch, good, children }: { label: string; branch: Branch; good: boolean; children: ReactNode }) {
  const t = useLanguage().words.alarms;
  const textOf = useAlarmText();
  const { alarm, bad, devices } = branch;
  const state = alarm
    ? `${textOf(alarm).title} · ${t.dependants(Math.max(alarm.dependants, bad))}`
    : bad > 0
      ? t.notWell(bad, devices.length)
      : devices.length === 0
        ? t.noDevices
        : t.deviceCount(devices.length);
  const startsOpen = !alarm && bad > 0 && good;
  return (
    <details className="branch" open={startsOpen}>
      <summary>
        <strong>{label}</strong> <Mark good={good && !alarm && bad === 0}>{state}</Mark>
      </summary>
      {children}
    </details>
  );
}

function Devices({ devices, onOpen }: { devices: readonly DeviceView[]; onOpen: (id: string) => void }) {
  const words = useLanguage().words;
  return (
    <ul className="leaves">
      {devices.map((device) => (
        <li key={device.id}>
          <Button type="link" className="cell-link" onClick={() => onOpen(device.id)}>
            {device.name}
          </Button>{' '}
          <Mark good={!needsAttention(device)}>
            {device.agentPresence === 'online' && device.reported
              ? words.link[device.reported.link]
              : ((words.presence as Record<string, string>)[device.agentPresence] ?? device.agentPresence)}
          </Mark>
        </li>
      ))}
    </ul>
  );
}

/** What hangs on what: hall server, platforms, agents, switches, devices. A tree of lines that open, for eyes, keyboard and ears. */
export default function TopologyPage() {
  const { language, words } = useLanguage();
  const t = words.alarms;
  const api = useHallApi();
  const devices = useDevices();
  const agents = useAgents();
  const alarms = useAlarms();
  const { data: overview } = useOverview();
  // Another set of devices is another topology.
  const shape = (devices.data ?? []).map(({ id, agent }) => `${id} ${agent}`).join();
  const topology = useQuery({
    queryKey: ['topology', shape],
    queryFn: () => api.topology(),
    placeholderData: (held: Awaited<ReturnType<typeof api.topology>> | undefined) => held,
  });
  const [opened, setOpened] = useState<string>();
  const { error } = topology;
  if (error && !topology.data) return <Failure error={error} onRetry={() => void topology.refetch()} />;
  if (!topology.data || !devices.data || !agents.data) return <Loading page />;
  const branches = branchesOf(topology.data, devices.data, agents.data, alarms.data ?? []);
  const presence = (word: string) => (words.presence as Record<string, string>)[word] ?? word;
  return (
    <>
      <h1>{t.topologyTitle}</h1>
      <p className="help">{t.topologyHelp}</p>
      <div className="topology" data-testid="topology">
        <p className="trunk">
          <strong>{t.kind.hall}</strong> <Mark good>{overview ? named(overview.hall, language) : topology.data.hall}</Mark>
        </p>
        <ul>
          {topology.data.platforms.map((id) => (
            <li key={id}>
              <strong>{`${t.kind.platform} ${id}`}</strong>{' '}
              <Mark good={overview?.feed.fresh ?? true}>{overview?.feed.fresh === false ? t.silent : t.allWell}</Mark>
            </li>
          ))}
          {branches.map((agent) => (
            <li key={agent.id}>
              <Line
                label={`${t.kind.agent} ${agent.id} · ${presence(agent.presence)}`}
                branch={agent}
                good={agent.presence === 'online'}
              >
                <ul>
                  {agent.switches.map((one) => (
                    <li key={one.id}>
                      <Line label={`${t.kind.switch} ${one.id}`} branch={one} good>
                        <Devices devices={one.devices} onOpen={setOpened} />
                      </Line>
                    </li>
                  ))}
                </ul>
                <Devices devices={agent.loose} onOpen={setOpened} />
              </Line>
            </li>
          ))}
        </ul>
      </div>
      <DeviceDrawer device={devices.data.find(({ id }) => id === opened)} onClose={() => setOpened(undefined)} />
    </>
  );
}
