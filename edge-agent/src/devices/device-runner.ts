/** One worker per device: keeps its link and gives it the newest order. Older orders that wait are dropped, never queued. */
import type { ConfirmationLevel, ErrorCode } from '@hall/contracts';
import { settingsFor, type Device, type Driver, type DriverContext, type Order } from '../drivers/driver.ts';
import type { Link } from '../supervisor/link.ts';
import { supervise, type SuperviseDeps } from '../supervisor/supervise.ts';

/** How an order ended. Times are wall time, Unix ms. */
export interface Outcome {
  readonly order: Order;
  readonly level: ConfirmationLevel;
  readonly sentAt: number;
  readonly confirmedAt: number;
}

export interface RunnerEars {
  onLink(link: Link, cause?: { code: ErrorCode; error: unknown }): void;
  onTold(outcome: Outcome): void;
}

export interface DeviceRunner {
  /** Takes the place of whatever waits. */
  give(order: Order): void;
  /** What the open device knows of itself. */
  read(): unknown;
  /** Resolves after the signal, when the device is closed. */
  readonly ended: Promise<void>;
}

/** @throws HallError DEVICE_SETTINGS_INVALID: such a device is not tried before its document changes. */
export function startRunner(
  driver: Driver,
  settings: unknown,
  context: DriverContext,
  ears: RunnerEars,
  deps: SuperviseDeps,
): DeviceRunner {
  const config = settingsFor(driver, settings);
  let newest: Order | undefined;
  let waiting: Order | undefined;
  let live: Device | undefined;
  let wake = () => {};

  async function use(device: Device): Promise<void> {
    let over = false;
    void device.closed.then(() => {
      over = true;
      wake();
    });
    live = device;
    waiting = newest;
    try {
      while (!over) {
        const order = waiting;
        waiting = undefined;
        if (order) {
          const sentAt = deps.clock.wall.nowMs();
          const level = await device.show(order);
          ears.onTold({ order, level, sentAt, confirmedAt: deps.clock.wall.nowMs() });
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    } finally {
      live = undefined;
    }
  }

  const ended = supervise<Device>(
    { open: () => driver.open(config, context), use, onLink: (link, cause) => ears.onLink(link, cause) },
    deps,
  );
  return {
    ended,
    read: () => live?.read(),
    give(order) {
      newest = order;
      waiting = order;
      wake();
    },
  };
}
