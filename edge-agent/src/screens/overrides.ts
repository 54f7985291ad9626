/** The overrides of an agent's devices: in memory, and what is left of each on disk. */
import { createTimer, type Clock } from '@hall/contracts';
import type { Logger } from 'pino';
import type { Store } from '../store/store.ts';
import type { StoredOverride } from './overrides-sql.ts';
import { fromStored, inForce, toStored, type Overrides } from './overlay.ts';

/** What is left is noted this often: a restart under a clock that was put back can prolong an override by no more, ms. */
const NOTE_MS = 5000;

export interface OverrideKeeper {
  /** In force now. */
  of(device: string): Overrides;
  /** From now on; the caller has stored them or lets them be stored. */
  set(device: string, overrides: Overrides): void;
  /** The same for the store. */
  stored(device: string, overrides: Overrides): { device: string; overrides: readonly StoredOverride[] };
  /** Sets and stores. */
  save(device: string, overrides: Overrides): void;
  /** Notes what is left and stops. */
  close(): Promise<void>;
}

export function createOverrides(
  remembered: readonly StoredOverride[],
  store: Pick<Store, 'call'>,
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
): OverrideKeeper {
  const held = new Map<string, Overrides>();
  const now = () => clock.machine.nowMs();
  const stored = (device: string, overrides: Overrides) => ({
    device,
    overrides: toStored(device, overrides, now(), clock.wall.nowMs()),
  });
  const timer = createTimer(clock, () => void note());

  async function write(device: string): Promise<void> {
    await store.call('saveOverrides', stored(device, held.get(device) ?? [])).catch((error: unknown) => {
      log.error({ err: error, device }, 'override could not be stored');
    });
  }
  /** Those that end by themselves have less left than was noted last. */
  async function note(): Promise<void> {
    const timed = [...held].filter(([, overrides]) => overrides.some(({ endsMs }) => endsMs !== undefined)).map(([id]) => id);
    for (const device of timed) held.set(device, inForce(held.get(device) ?? [], now()));
    await Promise.all(timed.map(write));
    wind();
  }
  function wind(): void {
    const timed = [...held.values()].some((overrides) => overrides.some(({ endsMs }) => endsMs !== undefined));
    if (timed) timer.set(now() + NOTE_MS);
  }

  for (const device of new Set(remembered.map((one) => one.device))) {
    const own = remembered.filter((one) => one.device === device);
    held.set(device, fromStored(own, now(), clock.wall.nowMs()));
  }
  wind();
  const set = (device: string, overrides: Overrides) => {
    held.set(device, overrides);
    wind();
  };
  return {
    of: (device) => inForce(held.get(device) ?? [], now()),
    set,
    stored,
    save(device, overrides) {
      set(device, overrides);
      void write(device);
    },
    async close() {
      timer.stop();
      await note();
      timer.stop();
    },
  };
}
