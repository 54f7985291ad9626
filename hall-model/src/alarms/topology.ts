/**
 * What hangs on what, and which alarm explains which: hall server, then the feed of the platforms and the agents, then switches,
 * then devices. A screen needs the feed as well as its agent.
 */
import type { AlarmObject, AlarmTypeId, HallContent, TopologyView } from '@hall/contracts';
import { isActive, type AlarmRecord, type Hold } from './machine.ts';
import { alarmRank, alarmTypes } from './types.ts';

/** One text for each object, for maps. */
export const objectKey = ({ kind, id }: AlarmObject): string => `${kind}/${id}`;
export const alarmKey = (type: AlarmTypeId, object: AlarmObject): string => `${type}/${objectKey(object)}`;

/** The feed of all platforms together. */
export const FEED: AlarmObject = { kind: 'platform', id: 'feed' };

export interface Topology {
  /** What an object hangs on, nearest first. */
  above(object: AlarmObject): readonly AlarmObject[];
  /** Devices that hang on it, or that it is. */
  devices(object: AlarmObject): readonly string[];
  /** Devices by switch, for switches with two devices and more. */
  readonly switches: ReadonlyMap<string, readonly string[]>;
}

type Placed = Pick<HallContent, 'devices'>;

/** The topology of the content. A switch hangs on an agent only if all of its devices do. */
export function topologyOf(hall: string, { devices }: Placed): Topology {
  const server: AlarmObject = { kind: 'hall', id: hall };
  const agents = new Map<string, string[]>();
  const switches = new Map<string, string[]>();
  const agentsOfSwitch = new Map<string, Set<string>>();
  const places = new Map<string, { agent: string; on: string | undefined }>();
  const add = (map: Map<string, string[]>, key: string, id: string) => {
    const list = map.get(key);
    if (list) list.push(id);
    else map.set(key, [id]);
  };
  for (const { id, agent, inventory } of devices) {
    const on = inventory?.switch;
    places.set(id, { agent, on });
    add(agents, agent, id);
    if (on === undefined) continue;
    add(switches, on, id);
    const owners = agentsOfSwitch.get(on) ?? new Set();
    agentsOfSwitch.set(on, owners.add(agent));
  }
  return {
    switches,
    above: ({ kind, id }) => {
      if (kind === 'hall') return [];
      if (kind === 'platform' || kind === 'agent') return [server];
      if (kind === 'switch') {
        const owners = [...(agentsOfSwitch.get(id) ?? [])];
        return owners.length === 1 ? [{ kind: 'agent', id: owners[0] ?? '' }, server] : [server];
      }
      const place = places.get(id);
      if (!place) return [FEED, server];
      const way: AlarmObject[] = [{ kind: 'agent', id: place.agent }, FEED, server];
      return place.on === undefined ? way : [{ kind: 'switch', id: place.on }, ...way];
    },
    devices: ({ kind, id }) => {
      if (kind === 'device') return places.has(id) ? [id] : [];
      if (kind === 'switch') return switches.get(id) ?? [];
      if (kind === 'agent') return agents.get(id) ?? [];
      return [...places.keys()];
    },
  };
}

/** Whether an alarm of the one type explains one of the other; `below`: the other is about something below. */
export function explains(root: AlarmTypeId, other: AlarmTypeId, below: boolean): boolean {
  const { folds } = alarmTypes[root];
  return folds === 'all_below' ? below : folds.includes(other);
}

export interface Fold {
  /** The outermost alarm that explains this one. */
  readonly root: AlarmRecord;
  /** An alarm explains it for good; one that is still pending only may. */
  readonly hold: Exclude<Hold, 'none'>;
}

/** Finds what explains an alarm among those whose conditions hold. Costs as much as the object has things above it. */
export function createFolding(topology: Pick<Topology, 'above'>, records: Iterable<AlarmRecord>) {
  const byObject = new Map<string, AlarmRecord[]>();
  for (const record of records) {
    if (record.phase === 'quiet') continue;
    const key = objectKey(record.object);
    byObject.set(key, [...(byObject.get(key) ?? []), record]);
  }
  for (const list of byObject.values()) list.sort((a, b) => alarmRank(a.type) - alarmRank(b.type));

  /** What explains an alarm of this type about this object: one that was raised before one that is pending, the outermost first. */
  const rootOf = (type: AlarmTypeId, object: AlarmObject): Fold | undefined => {
    const places = [object, ...topology.above(object)];
    let pending: AlarmRecord | undefined;
    for (let at = places.length - 1; at >= 0; at -= 1) {
      for (const root of byObject.get(objectKey(places[at] ?? object)) ?? []) {
        if ((at === 0 && root.type === type) || !explains(root.type, type, at > 0)) continue;
        if (isActive(root)) return { root, hold: 'suppress' };
        pending ??= root;
      }
    }
    return pending && { root: pending, hold: 'wait' };
  };
  return { rootOf };
}

/** At least so many devices of a switch, and this share of them, must be gone, unless all are. */
const MOST_GONE = { devices: 3, share: 0.8 };

/** Whether a switch is to blame for `gone` of its `known` devices; one device alone blames no switch. */
export const switchIsLost = (known: number, gone: number): boolean =>
  gone >= 2 && (gone === known || (gone >= MOST_GONE.devices && gone >= known * MOST_GONE.share));

/** The topology as a tree for people: agents, their switches, devices. A switch with devices of two agents stands under both. */
export function topologyTree(
  hall: string,
  platforms: readonly string[],
  agents: readonly string[],
  { devices }: Placed,
): TopologyView {
  const ids = [...new Set([...agents, ...devices.map(({ agent }) => agent)])].toSorted();
  const byAgent = new Map(ids.map((id) => [id, { switches: new Map<string, string[]>(), devices: [] as string[] }]));
  for (const { id, agent, inventory } of devices) {
    const own = byAgent.get(agent);
    const on = inventory?.switch;
    if (on === undefined) own?.devices.push(id);
    else own?.switches.set(on, [...(own.switches.get(on) ?? []), id]);
  }
  return {
    hall,
    platforms: [...platforms],
    agents: [...byAgent].map(([id, own]) => ({
      id,
      switches: [...own.switches].map(([name, list]) => ({ id: name, devices: list })),
      devices: own.devices,
    })),
  };
}
