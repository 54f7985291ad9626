/** Keeps a device alive: opens, uses, and opens again. The only place that retries anything a device does. */
import { codeOf, HallError, type Clock, type ErrorCode } from '@hall/contracts';
import { HOLD_MS, next, unopened, type Link, type LinkEvent } from './link.ts';

/** What the supervisor needs of a live device. */
export interface Closable {
  readonly closed: Promise<Error | undefined>;
  close(): Promise<void>;
}

export interface Supervised<D extends Closable> {
  open(signal: AbortSignal): Promise<D>;
  /** Works with the device until it throws or returns; it must return when `device.closed` settles. */
  use(device: D): Promise<void>;
  /** Every change of the link, with the failure that led to it. */
  onLink(link: Link, cause?: { code: ErrorCode; error: unknown }): void;
}

export interface SuperviseDeps {
  readonly clock: Clock;
  /** Ends it: the device is closed and the promise resolves. */
  readonly signal: AbortSignal;
  /** In [0, 1). */
  readonly random: () => number;
}

/** Resolves after `signal`; never rejects. */
export async function supervise<D extends Closable>(
  { open, use, onLink }: Supervised<D>,
  { clock, signal, random }: SuperviseDeps,
): Promise<void> {
  let link: Link = unopened;
  const step = (event: LinkEvent, error?: unknown) => {
    link = next(link, event, random());
    if (event.is !== 'held') onLink(link, error === undefined ? undefined : { code: codeOf(error), error });
  };

  while (!signal.aborted) {
    if (link.at === 'offline' && link.waitMs > 0) await clock.machine.sleep(link.waitMs, signal).catch(() => {});
    if (signal.aborted) break;
    step({ is: 'due' });
    let device: D;
    try {
      device = await open(signal);
    } catch (error) {
      if (!signal.aborted) step({ is: 'failed' }, error);
      continue;
    }
    const ended = new AbortController();
    const close = () => void device.close();
    signal.addEventListener('abort', close, { once: true });
    step({ is: 'opened' });
    clock.machine.sleep(HOLD_MS, ended.signal).then(
      () => step({ is: 'held' }),
      () => {},
    );
    let failure: unknown;
    try {
      if (!signal.aborted) await use(device);
    } catch (error) {
      failure = error;
    }
    ended.abort();
    signal.removeEventListener('abort', close);
    await device.close();
    failure ??= lossOf(await device.closed);
    if (!signal.aborted) step({ is: codeOf(failure) === 'DEVICE_REFUSED' ? 'refused' : 'closed' }, failure);
  }
  step({ is: 'stop' });
}

/** Why a device closed by itself: its own reason if it gave one, else the cable. */
const lossOf = (reason: Error | undefined): HallError =>
  reason instanceof HallError ? reason : new HallError('DEVICE_OFFLINE', {}, reason);
