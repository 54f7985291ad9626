/**
 * One worker per device: keeps its link and asks for the newest order whenever the device can take one. Nothing is queued, so
 * nothing obsolete is ever sent.
 */
import type { ConfirmationLevel, ErrorCode } from '@hall/contracts';
import { settingsFor, type Device, type Driver, type DriverContext, type Order } from '../drivers/driver.ts';
import type { Link } from '../supervisor/link.ts';
import { supervise, type SuperviseDeps } from '../supervisor/supervise.ts';
import { createPace } from './pace.ts';

/** How an order ended. Times are wall time, Unix ms. */
export interface Outcome {
  readonly order: Order;
  readonly level: ConfirmationLevel;
  readonly sentAt: number;
  readonly confirmedAt: number;
}

export interface RunnerEars {
  onLink(link: Link, cause?: { code: ErrorCode; error: unknown }): void;
  /** Before the next order is asked for. */
  onTold(outcome: Outcome): void;
  /** What is to be shown now: asked for when a device has been opened, when one has taken an order, and after each `wake`. */
  newest(): Order | undefined;
}

export interface DeviceRunner {
  /** There may be something new. A device that is free is told in this turn, one that is busy or keeps its pace afterwards. */
  wake(): void;
  /** What the open device knows of itself. */
  read(): unknown;
  /** The device while it is open. */
  open(): Device | undefined;
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
  let live: Device | undefined;
  let wake = () => {};

  async function use(device: Device): Promise<void> {
    const over = new AbortController();
    void device.closed.then(() => {
      over.abort('closed');
      wake();
    });
    live = device;
    let told: Order | undefined;
    /** Was too old when its turn came; asked for again when it may have been vouched for anew. */
    let skipped: Order | undefined;
    const pace = createPace();
    const { machine } = deps.clock;
    try {
      while (!over.signal.aborted) {
        const restMs = pace.restMs(machine.nowMs());
        if (restMs > 0) {
          await machine.sleep(restMs, over.signal).catch(() => {});
          continue;
        }
        const order = ears.newest();
        if (order && order !== told && order !== skipped) {
          pace.told(machine.nowMs());
          const sentAt = deps.clock.wall.nowMs();
          const level = await device.show(order);
          if (level === 'none') {
            skipped = order;
            continue;
          }
          told = order;
          ears.onTold({ order, level, sentAt, confirmedAt: deps.clock.wall.nowMs() });
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          skipped = undefined;
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
    open: () => live,
    wake: () => wake(),
  };
}
