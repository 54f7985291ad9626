/** The topology with its states, ready to be drawn. Pure. */
import type { AgentView, AlarmView, DeviceView, TopologyView } from '@hall/contracts';
import { needsAttention } from '../devices/difference.ts';

export interface Branch {
  readonly id: string;
  readonly devices: readonly DeviceView[];
  readonly bad: number;
  /** The alarm of the branch itself, which explains its devices. */
  readonly alarm: AlarmView | undefined;
}
export interface AgentBranch extends Branch {
  readonly presence: string;
  readonly switches: readonly Branch[];
  /** Devices of which no switch is known. */
  readonly loose: readonly DeviceView[];
}

/** An agent or switch with an active alarm is folded: its devices are down with it, and the alarm says so. */
export function branchesOf(
  topology: TopologyView,
  devices: readonly DeviceView[],
  agents: readonly AgentView[],
  alarms: readonly AlarmView[],
): readonly AgentBranch[] {
  const byId = new Map(devices.map((device) => [device.id, device]));
  const presence = new Map(agents.map(({ id, presence: is }) => [id, is]));
  const alarmOf = (kind: string, id: string) =>
    alarms.find(({ active, object }) => active && object.kind === kind && object.id === id);
  const known = (ids: readonly string[]) => ids.flatMap((id) => byId.get(id) ?? []);
  const branch = (kind: string, id: string, own: readonly DeviceView[]): Branch => ({
    id,
    devices: own,
    bad: own.filter(needsAttention).length,
    alarm: alarmOf(kind, id),
  });
  return topology.agents.map(({ id, switches, devices: loose }) => {
    const own = switches.map((one) => branch('switch', one.id, known(one.devices)));
    const all = [...own.flatMap((one) => one.devices), ...known(loose)];
    return { ...branch('agent', id, all), presence: presence.get(id) ?? 'never', switches: own, loose: known(loose) };
  });
}
