/** What a call path looks like to the generator: the product, the raw floor, Node-RED. */
import type { Child } from './child.ts';
import type { Heard } from './devices.ts';

/** A confirmation that the server holds. */
export interface Acknowledged {
  readonly strip: number;
  readonly call: number;
  /** Wall time at which the server had it, Unix ms. */
  readonly wallMs: number;
}

export interface CallSystem {
  /** `http://host:port`. */
  readonly url: string;
  readonly strips: number;
  /** The server first. */
  readonly processes: readonly Child[];
  /** The whole request of a call. A call number is used once per system. */
  request(call: number, strip: number): Buffer;
  /** Who hears of calls that reach strips from now on. */
  listen(heard: Heard): void;
  /** All confirmations, once they have stopped coming. Absent where the system has none. */
  readonly acknowledged?: () => Promise<readonly Acknowledged[]>;
  /** All calls that are on disk. Absent where nothing is stored. */
  readonly stored?: () => Promise<ReadonlySet<number>>;
  close(): Promise<void>;
}
