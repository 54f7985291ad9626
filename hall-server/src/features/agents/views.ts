/** What the console sees of agents and devices. Pure. */
import type { AgentView, Device, DeviceView, DriverInfo, Reported } from '@hall/contracts';
import type { HeldStatus } from './statuses.ts';
import type { AgentRow } from './store.ts';

export const agentView = (row: AgentRow, devices: number, outboxAck: number, held: HeldStatus | undefined): AgentView => ({
  id: row.id,
  presence: row.presence,
  since: row.since,
  version: row.version,
  drivers: JSON.parse(row.drivers) as DriverInfo[],
  devices,
  outboxAck,
  addedAt: row.added_at,
  status: held?.status ?? null,
  statusAt: held?.receivedAt ?? null,
  conditions: [...(held?.conditions ?? [])],
});

export interface Report {
  readonly report: Reported;
  readonly receivedAt: number;
}
export interface DesiredVersion {
  readonly gen: string;
  readonly ver: number;
  readonly changedAt: number;
}

/** Names of what differs between desired and reported; empty is good. */
function differences(desired: DesiredVersion, reported: Reported | undefined, online: boolean): string[] {
  const names: string[] = [];
  if (!online) names.push('agent');
  if (!reported) return [...names, 'reported'];
  if (reported.applied?.gen !== desired.gen || reported.applied.ver !== desired.ver) names.push('version');
  if (reported.link !== 'online') names.push('link');
  return names;
}

export function deviceView(
  device: Device,
  desired: DesiredVersion,
  held: Report | undefined,
  agent: { readonly presence: string; readonly since: number | null },
): DeviceView {
  const { id, name, driver, settings } = device;
  const reported = held?.report;
  const difference = differences(desired, reported, agent.presence === 'online');
  const since: Record<string, number | null> = {
    agent: agent.since,
    reported: desired.changedAt,
    version: desired.changedAt,
    link: reported?.since ?? null,
  };
  const starts = difference.map((what) => since[what] ?? null).filter((at) => at !== null);
  return {
    id,
    name,
    agent: device.agent,
    agentPresence: agent.presence,
    driver,
    desired: { gen: desired.gen, ver: desired.ver },
    applied: reported?.applied ?? null,
    difference,
    differenceSince: starts.length === 0 ? null : Math.min(...starts),
    settings,
    ...(device.screen?.window !== undefined && { window: device.screen.window }),
    ...(device.inventory && { inventory: device.inventory }),
    reported: reported ?? null,
    reportedAt: held?.receivedAt ?? null,
  };
}
