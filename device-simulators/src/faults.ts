/** Faults any simulated device can have on its wire, switched while it runs. */
import type { Clock } from '@hall/contracts';
import type { ByteLink } from './byte-link.ts';
import { seeded } from './seeded.ts';

export interface Faults {
  /** Answers are thrown away; the device still obeys. */
  silence: boolean;
  /** What arrives is thrown away. With `silence`: a cable that was pulled without anybody hanging up. */
  deaf: boolean;
  /** Every answer leaves this much later, ms. */
  slowMs: number;
  /** Answers leave byte by byte, each written on its own. */
  split: boolean;
  /** Everything heard is sent back first, as by a badly wired RS-485 adapter. */
  echo: boolean;
  /** Share of bytes changed in answers, and in what arrives, 0–1. Seeded. */
  corruptAnswers: number;
  corruptRequests: number;
  /** The connection breaks after this many more bytes of answers. */
  cutAfterBytes: number | undefined;
  /** Breaks every connection now. */
  cut(): void;
  /** Back to a healthy wire. */
  clear(): void;
}

const healthy = {
  silence: false,
  deaf: false,
  slowMs: 0,
  split: false,
  echo: false,
  corruptAnswers: 0,
  corruptRequests: 0,
  cutAfterBytes: undefined,
} as const;

/** Faults of one device, and the stage that applies them to each of its links. */
export interface FaultyWire {
  readonly faults: Faults;
  /** Keeps the order of bytes; drops none unless `silence`, `deaf` or a cut asks for it. */
  wrap(link: ByteLink): ByteLink;
}

/** A healthy wire; the same `seed` damages the same bytes. */
export function createFaults(clock: Clock, seed = 1): FaultyWire {
  const random = seeded(seed);
  const links = new Set<ByteLink>();
  const faults: Faults = {
    ...healthy,
    cut: () => {
      for (const link of links) link.destroy();
    },
    clear: () => void Object.assign(faults, healthy),
  };

  const damaged = (bytes: Uint8Array, share: number): Uint8Array =>
    share > 0 ? bytes.map((byte) => (random() < share ? byte ^ (1 + Math.floor(random() * 255)) : byte)) : bytes;

  async function transmit(link: ByteLink, bytes: Uint8Array, closed: AbortSignal): Promise<void> {
    if (faults.slowMs > 0) await clock.machine.sleep(faults.slowMs, closed).catch(() => undefined);
    if (faults.silence) return;
    const sent = damaged(bytes, faults.corruptAnswers);
    const upTo = Math.min(sent.length, faults.cutAfterBytes ?? sent.length);
    const size = faults.split ? 1 : sent.length;
    for (let at = 0; at < upTo; at += size) await link.send(sent.subarray(at, Math.min(at + size, upTo)));
    if (faults.cutAfterBytes !== undefined) {
      faults.cutAfterBytes -= upTo;
      if (faults.cutAfterBytes <= 0) {
        faults.cutAfterBytes = undefined;
        link.destroy();
      }
    }
  }

  return {
    faults,
    wrap(link) {
      const closed = new AbortController();
      let tail: Promise<void> = Promise.resolve();
      links.add(link);
      link.onClosed(() => {
        links.delete(link);
        closed.abort();
      });
      return {
        ...link,
        send: (bytes) => (tail = tail.then(() => transmit(link, bytes, closed.signal))),
        onBytes: (listener) =>
          link.onBytes((bytes) => {
            if (faults.deaf) return;
            const heard = damaged(bytes, faults.corruptRequests);
            if (faults.echo) void link.send(heard);
            listener(heard);
          }),
      };
    },
  };
}
