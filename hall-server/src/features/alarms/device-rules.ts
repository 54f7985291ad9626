/** What is wrong with one device, by what is known of it. Pure. */
import type { AlarmEvidence, AlarmTypeId, DeviceView } from '@hall/contracts';

/** An agent that has just come has this long to report each device before its silence counts, ms. */
export const REPORT_MS = 30_000;

export interface DeviceState {
  /** Nothing can be said of it: its agent is away, or has not reported it yet. */
  readonly unknown: boolean;
  /** Unknown only until it has had time to report. */
  readonly waits: boolean;
  readonly wrong: readonly { readonly type: AlarmTypeId; readonly evidence: AlarmEvidence }[];
  /** It does not answer. */
  readonly gone: boolean;
}

const REFUSES = ['DEVICE_REFUSED', 'DEVICE_CONFUSED'];
/** The agent cannot run it at all as it is set up. */
const MISFIT = ['DRIVER_UNKNOWN', 'DEVICE_SETTINGS_INVALID'];
/** A board whose page nobody has opened. */
const noPage = ({ driver, reported }: DeviceView) =>
  driver === 'kiosk' && (reported?.error === undefined || reported.error === 'DEVICE_OFFLINE');

/**
 * `agentSince`: since when its agent is online, wall time. `wasOnline`: the device has answered before; a board that nobody has
 * opened yet is no fault.
 */
export function stateOf(device: DeviceView, agentSince: number | null, wasOnline: boolean, nowMs: number): DeviceState {
  const { reported, reportedAt, difference } = device;
  const nothing = { unknown: false, waits: false, wrong: [], gone: false };
  if (device.agentPresence !== 'online') return { ...nothing, unknown: true };
  if (!reported || reportedAt === null || reportedAt < (agentSince ?? 0)) {
    if (nowMs - (agentSince ?? 0) < REPORT_MS) return { ...nothing, unknown: true, waits: true };
    return { ...nothing, wrong: [{ type: 'difference_lasting', evidence: { difference: 'reported' } }] };
  }
  const { link, error, screen } = reported;
  const why: AlarmEvidence = { link, ...(error !== undefined && { error }) };
  if (link === 'stopped') return nothing;
  if (link !== 'online') {
    if (error !== undefined && MISFIT.includes(error))
      return { ...nothing, wrong: [{ type: 'difference_lasting', evidence: why }] };
    if (error === 'DEVICE_OTHER') return { ...nothing, wrong: [{ type: 'device_other', evidence: why }] };
    if (error !== undefined && REFUSES.includes(error))
      return { ...nothing, wrong: [{ type: 'device_refusing', evidence: why }] };
    if (noPage(device) && !wasOnline) return nothing;
    return { ...nothing, gone: true, wrong: [{ type: 'device_offline', evidence: why }] };
  }
  const wrong: Array<DeviceState['wrong'][number]> = [];
  const freshness = screen?.freshness;
  if (freshness === 'stale' || freshness === 'safe') wrong.push({ type: 'screen_stale', evidence: { freshness } });
  if (freshness === 'safe') wrong.push({ type: 'screen_safe', evidence: { freshness } });
  if (difference.includes('version')) wrong.push({ type: 'difference_lasting', evidence: { difference: difference.join(' ') } });
  return { ...nothing, wrong };
}
