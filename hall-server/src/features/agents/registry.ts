/** The agents and devices of the hall as other features see them, and who may be an agent. */
import { HallError, isId, type AgentView, type Device, type DeviceView, type HallContent } from '@hall/contracts';
import { devicesIn } from '@hall/model';
import type { HallChanges } from '../../platform/changes.ts';
import { hashCredential, newCredential } from '../../platform/credentials.ts';
import type { Writer } from '../../platform/store/writer.ts';
import { SYSTEM } from '../audit/chain.ts';
import type { Outgoing } from './outgoing.ts';
import type { Reports } from './reports.ts';
import type { AgentService, DeviceService } from './service.ts';
import type { Statuses } from './statuses.ts';
import type { AgentStore } from './store.ts';
import { agentView, deviceView } from './views.ts';

export interface RegistryOptions {
  readonly gen: () => string;
  readonly store: AgentStore;
  readonly writer: Pick<Writer, 'call'>;
  readonly changes: HallChanges;
  readonly content: () => HallContent;
  readonly reports: Pick<Reports, 'of'>;
  readonly statuses: Pick<Statuses, 'of'>;
  readonly documents: Pick<Outgoing, 'document'>;
  /** The agent may not go on under its credential. */
  readonly expel: (agent: string) => void;
  /** Nothing is to be remembered of the agent. */
  readonly forget: (agent: string) => void;
}

export function createRegistry(options: RegistryOptions): { readonly agents: AgentService; readonly devices: DeviceService } {
  const { gen, store, writer, changes, content, reports, statuses, documents, expel, forget } = options;
  const devicesOf = (agent: string) => devicesIn(content()).of(agent);
  const view = (device: Device): DeviceView => {
    const row = documents.document(device.agent, device.id);
    const desired = { gen: gen(), ver: row?.ver ?? 0, changedAt: row?.changed_at ?? 0 };
    const agent = store.get(device.agent) ?? { presence: 'never', since: null };
    return deviceView(device, desired, reports.of(device.id), agent);
  };
  return {
    agents: {
      list: (): AgentView[] => {
        const acks = store.acks();
        return store.all().map((row) => agentView(row, devicesOf(row.id).length, acks.get(row.id) ?? 0, statuses.of(row.id)));
      },
      admit: async (id, asker = SYSTEM) => {
        if (!isId(id)) throw new HallError('INPUT_INVALID', { field: '/id', expected: 'an id' });
        const password = newCredential();
        await writer.call('agents.put', { ...asker, id, hash: await hashCredential(password) });
        expel(id);
        changes.emit('agents', [id]);
        return { agent: id, password };
      },
      remove: async (id, asker = SYSTEM) => {
        if (devicesOf(id).length > 0) throw new HallError('CONTENT_REFERENCED', { field: '/id' });
        await writer.call('agents.remove', { ...asker, id });
        forget(id);
        expel(id);
        changes.emit('agents', [id]);
      },
    },
    devices: {
      list: () => content().devices.map(view),
      get: (id) => {
        const device = devicesIn(content()).get(id);
        return device && view(device);
      },
    },
  };
}
