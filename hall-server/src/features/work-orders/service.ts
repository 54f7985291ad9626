/** What others may ask of work orders. */
import {
  HallError,
  type HallContent,
  type HallTime,
  type RepairRow,
  type WorkOrder,
  type WorkOrderCreate,
  type WorkOrderPatch,
  type WorkOrderState,
} from '@hall/contracts';
import type { Writer } from '../../platform/store/writer.ts';
import type { Asker } from '../audit/chain.ts';
import { repairTimes } from './rules.ts';
import type { WorkOrderStore } from './store.ts';

const SPAN_MS = 90 * 86_400_000;

export interface WorkOrderService {
  /** @throws HallError INPUT_INVALID for a device that does not exist or a title without letters. */
  open(asker: Asker, order: WorkOrderCreate): Promise<WorkOrder>;
  /** @throws HallError NOT_FOUND, CONFLICT, WORK_ORDER_STATE_REFUSED. */
  change(asker: Asker, id: number, patch: WorkOrderPatch): Promise<WorkOrder>;
  /** Newest first. */
  list(query: { state?: WorkOrderState | 'unfinished'; device?: string; before?: number; limit: number }): WorkOrder[];
  /** The last 90 days unless told otherwise. @throws HallError INPUT_INVALID. */
  repairs(query: { by?: 'driver' | 'alarm_type'; from?: number; to?: number }): RepairRow[];
}

export function createWorkOrderService({
  store,
  writer,
  wall,
  content,
}: {
  readonly store: WorkOrderStore;
  readonly writer: Pick<Writer, 'call'>;
  readonly wall: HallTime;
  readonly content: () => HallContent;
}): WorkOrderService {
  return {
    open: async ({ by, address }, order) => {
      if (order.title.trim() === '') throw new HallError('INPUT_INVALID', { field: '/title', expected: 'a title' });
      const device = content().devices.find(({ id }) => id === order.device);
      if (order.device !== undefined && !device) {
        throw new HallError('INPUT_INVALID', { field: '/device', expected: 'a device that exists' });
      }
      const { id } = await writer.call('workOrders.open', { by, address, order, driver: device?.driver ?? null });
      const opened = store.get(id);
      if (!opened) throw new HallError('NOT_FOUND', { field: '/id' });
      return opened;
    },
    change: ({ by, address }, id, patch) => writer.call('workOrders.change', { by, address, id, patch }),
    list: ({ state, ...query }) => {
      const states: WorkOrderState[] =
        state === 'unfinished' ? ['open', 'begun', 'waiting_part'] : state === undefined ? [] : [state];
      return store.list({ ...query, states });
    },
    repairs: ({ by = 'driver', from, to }) => {
      const end = to ?? wall.nowMs();
      const begin = from ?? end - SPAN_MS;
      if (begin > end) throw new HallError('INPUT_INVALID', { field: '/from', expected: 'a beginning before the end' });
      return repairTimes(store.repairs(by, begin, end));
    },
  };
}
