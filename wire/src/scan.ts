/** Why bytes were rejected. `checksum`: framed as the protocol says, but damaged. `noise`: not a frame at all. */
export type Rejection = 'noise' | 'checksum';

/** What a byte stream held: whole frames and rejected bytes in order, and the unfinished tail. */
export interface Scan<F> {
  readonly found: ReadonlyArray<Found<F>>;
  /** Give it back in front of the next bytes; its length is bounded by the protocol's longest frame. */
  readonly rest: Uint8Array;
}

/** `bytes` are the frame as it stood on the wire. */
export type Found<F> = { readonly frame: F; readonly bytes: Uint8Array } | { readonly bad: Uint8Array; readonly why: Rejection };
