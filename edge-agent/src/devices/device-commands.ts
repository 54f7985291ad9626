/** What a command may ask of one device: to be told when a picture was taken, to read back, and to do what is no picture. */
import { codeOf, HallError, type Clock, type CommandAct, type ConfirmationLevel } from '@hall/contracts';
import type { Device, Order, Panel, Reading } from '../drivers/driver.ts';
import type { Outcome } from './device-runner.ts';

export interface DeviceCommands {
  readonly isOpen: boolean;
  /** Resolves when the device is open, or its host is given up. */
  whenOpen(): Promise<void>;
  /**
   * Resolves when the device has taken a picture whose panel is as wanted and that is still the newest.
   * @throws HallError DEVICE_REFUSED when it says no, DEVICE_TIMEOUT or DEVICE_OFFLINE after `withinMs`.
   */
  confirmed(wanted: (panel: Panel) => boolean, withinMs: number): Promise<Outcome>;
  /** What the device says of itself; undefined when it cannot be asked. @throws HallError as `Device.look`. */
  look(): Promise<Reading | undefined>;
  /** @throws HallError ACT_UNSUPPORTED, DEVICE_OFFLINE, or as `Device.act`. */
  act(act: CommandAct): Promise<{ readonly level: ConfirmationLevel; readonly reading: Reading }>;
}

/** The side of the host. */
export interface DeviceEvents {
  opened(): void;
  /** The link is away; with the reason, if it is known. */
  lost(error: unknown): void;
  told(outcome: Outcome): void;
}

export interface DeviceCommandsOptions {
  readonly clock: Clock;
  /** Aborts when the host is given up. */
  readonly signal: AbortSignal;
  open(): Device | undefined;
  /** The newest order. */
  order(): Order | undefined;
}

interface Waiter {
  wanted(panel: Panel): boolean;
  resolve(outcome: Outcome): void;
  reject(error: Error): void;
}

export function createDeviceCommands({ clock, signal, open, order }: DeviceCommandsOptions): DeviceCommands & DeviceEvents {
  const waiters = new Set<Waiter>();
  let opening: Array<() => void> = [];
  let last: Outcome | undefined;
  let failure: HallError | undefined;
  const wakeOpening = () => {
    for (const wake of opening.splice(0)) wake();
  };
  signal.addEventListener('abort', wakeOpening, { once: true });

  const isNewest = (outcome: Outcome) => outcome.order === order();

  async function confirmed(wanted: Waiter['wanted'], withinMs: number): Promise<Outcome> {
    if (last && open() && isNewest(last) && wanted(last.order.panel)) return last;
    const done = new AbortController();
    try {
      return await new Promise<Outcome>((resolve, reject) => {
        const waiter = { wanted, resolve, reject };
        waiters.add(waiter);
        done.signal.addEventListener('abort', () => waiters.delete(waiter), { once: true });
        signal.addEventListener('abort', () => reject(new HallError('DEVICE_OFFLINE')), { once: true, signal: done.signal });
        clock.machine.sleep(withinMs, done.signal).then(
          () => reject(failure ?? new HallError(open() ? 'DEVICE_TIMEOUT' : 'DEVICE_OFFLINE', { timeoutMs: withinMs })),
          () => {},
        );
      });
    } finally {
      done.abort('settled');
    }
  }

  return {
    get isOpen() {
      return open() !== undefined && !signal.aborted;
    },
    async whenOpen() {
      if (open() || signal.aborted) return;
      await new Promise<void>((resolve) => {
        opening.push(resolve);
      });
    },
    confirmed,
    look: async () => open()?.look?.(),
    async act(act) {
      const device = open();
      if (!device) throw new HallError('DEVICE_OFFLINE');
      if (!device.act) throw new HallError('ACT_UNSUPPORTED', { act });
      return device.act(act);
    },
    opened() {
      // The device is handed over to its runner right after the link says so.
      void Promise.resolve().then(wakeOpening);
    },
    lost(error) {
      last = undefined;
      if (error === undefined) return;
      failure = error instanceof HallError ? error : undefined;
      if (codeOf(error) !== 'DEVICE_REFUSED') return;
      for (const waiter of waiters) waiter.reject(error as HallError);
    },
    told(outcome) {
      last = outcome;
      failure = undefined;
      for (const waiter of waiters) if (waiter.wanted(outcome.order.panel)) waiter.resolve(outcome);
    },
  };
}
