/** What is wrong with devices, and with the switches they are plugged into. */
import type { AgentView, AlarmObject, DeviceView, HallContent } from '@hall/contracts';
import { switchIsLost, topologyOf } from '@hall/model';
import type { HallChanges } from '../../platform/changes.ts';
import type { AgentService, DeviceService } from '../agents/service.ts';
import type { Condition, ConditionSource } from './conditions.ts';
import { stateOf, type DeviceState } from './device-rules.ts';

/** From so many changed devices on, reading all of them in one go is cheaper. */
const MANY = 20;

export interface DeviceSourceOptions {
  readonly hall: string;
  readonly devices: Pick<DeviceService, 'list' | 'get'>;
  readonly agents: Pick<AgentService, 'list'>;
  readonly content: () => HallContent;
  readonly changes: HallChanges;
}

/** Looks again only at devices that changed, and at those that still have to report. */
export function deviceSource({ hall, devices, agents, content, changes }: DeviceSourceOptions): ConditionSource {
  const states = new Map<string, DeviceState>();
  /** Has answered since the server started. */
  const answered = new Set<string>();
  let agentById = new Map<string, AgentView>();
  let dirty = new Set<string>();
  let all = true;
  let known: { readonly content: HallContent; readonly topology: ReturnType<typeof topologyOf> } | undefined;
  let held: { readonly conditions: readonly Condition[]; readonly unknown: readonly AlarmObject[] } = {
    conditions: [],
    unknown: [],
  };

  changes.on('devices', (ids) => {
    for (const id of ids) dirty.add(id);
  });
  changes.on('agents', () => void (all = true));
  changes.on('content', () => void (all = true));

  const take = (device: DeviceView, nowMs: number) => {
    const { id, agent, reported } = device;
    if (reported?.link === 'online') answered.add(id);
    states.set(id, stateOf(device, agentById.get(agent)?.since ?? null, answered.has(id), nowMs));
  };

  const read = (nowMs: number): boolean => {
    const now = content();
    if (known?.content !== now) {
      known = { content: now, topology: topologyOf(hall, now) };
      all = true;
    }
    for (const [id, { waits }] of states) if (waits) dirty.add(id);
    if (!all && dirty.size === 0) return false;
    const wanted = dirty;
    const whole = all;
    dirty = new Set();
    all = false;
    if (whole) {
      agentById = new Map(agents.list().map((agent) => [agent.id, agent]));
      const ids = new Set(now.devices.map(({ id }) => id));
      for (const id of states.keys()) if (!ids.has(id)) states.delete(id);
    }
    if (whole || wanted.size > MANY) {
      for (const device of devices.list()) if (whole || wanted.has(device.id)) take(device, nowMs);
    } else {
      for (const id of wanted) {
        const device = devices.get(id);
        if (device) take(device, nowMs);
      }
    }
    return true;
  };

  const conditionsNow = (): readonly Condition[] => {
    const found: Condition[] = [];
    for (const [id, { wrong }] of states) {
      for (const { type, evidence } of wrong) found.push({ type, object: { kind: 'device', id }, evidence });
    }
    for (const [id, list] of known?.topology.switches ?? []) {
      const members = list.flatMap((device) => states.get(device) ?? []).filter(({ unknown }) => !unknown);
      const gone = members.filter((state) => state.gone).length;
      if (!switchIsLost(members.length, gone)) continue;
      found.push({ type: 'switch_lost', object: { kind: 'switch', id }, evidence: { gone, devices: members.length } });
    }
    return found;
  };
  const unknownNow = (): readonly AlarmObject[] => {
    const found: AlarmObject[] = [];
    for (const [id, { unknown }] of states) if (unknown) found.push({ kind: 'device', id });
    for (const [id, list] of known?.topology.switches ?? []) {
      if (list.every((device) => states.get(device)?.unknown !== false)) found.push({ kind: 'switch', id });
    }
    return found;
  };

  return {
    raises: [
      'device_offline',
      'device_refusing',
      'screen_stale',
      'screen_safe',
      'difference_lasting',
      'switch_lost',
      'device_other',
    ],
    look: (nowMs) => {
      if (read(nowMs)) held = { conditions: conditionsNow(), unknown: unknownNow() };
      return held.conditions;
    },
    unknown: () => held.unknown,
  };
}
