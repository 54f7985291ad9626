import type { Device, HallContent } from '@hall/contracts';

/** The devices of a hall, found without a walk. */
export interface DevicesOfHall {
  get(id: string): Device | undefined;
  /** Those of an agent, in the order of the content. */
  of(agent: string): readonly Device[];
}

/** Content is never changed, only replaced: what was found once holds as long as it. */
const made = new WeakMap<HallContent, DevicesOfHall>();

/** Finds devices of this content by id and by agent; made once per content. */
export function devicesIn(content: HallContent): DevicesOfHall {
  const known = made.get(content);
  if (known) return known;
  const byId = new Map(content.devices.map((device) => [device.id, device]));
  const byAgent = new Map<string, Device[]>();
  for (const device of content.devices) {
    const own = byAgent.get(device.agent);
    if (own) own.push(device);
    else byAgent.set(device.agent, [device]);
  }
  const found: DevicesOfHall = { get: (id) => byId.get(id), of: (agent) => byAgent.get(agent) ?? [] };
  made.set(content, found);
  return found;
}
