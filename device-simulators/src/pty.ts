/** A simulated device on a serial line: a real pseudo-terminal that a serial port driver can open. */
import { closeSync, mkdtempSync, rmSync, symlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { ReadStream } from 'node:tty';
import type { Clock } from '@hall/contracts';
import type { AttachableDevice } from './byte-link.ts';
import { openPtyEnds, type PtyEnds } from './libc.ts';

export interface PtyOptions {
  readonly clock: Clock;
  /** Pace, bit/s, whatever the host sets. Absent: as fast as the kernel. */
  readonly baud?: number;
}

export interface PtyLine {
  /** What the host opens. The same after `replug`, as with a link by the adapter's serial number. */
  readonly path: string;
  /** Pulls the adapter: the host's port breaks, the path is gone. */
  unplug(): void;
  /** Puts it back under the same path. */
  replug(): void;
  close(): void;
}

/** Puts a device on a pseudo-terminal. Throws if the system has none. */
export function openPty(device: AttachableDevice, { clock, baud }: PtyOptions): PtyLine {
  const folder = mkdtempSync(join(tmpdir(), 'hall-serial-'));
  const path = join(folder, 'tty');
  let stream: Duplex | undefined;

  function replug(): void {
    if (stream) return;
    const ends = openPtyEnds();
    stream = masterStream(ends, clock);
    symlinkSync(ends.path, path);
    device.attach(stream, { line: 'serial', ...(baud === undefined ? {} : { baud }) });
  }
  function unplug(): void {
    if (!stream) return;
    rmSync(path, { force: true });
    stream.destroy();
    stream = undefined;
  }

  replug();
  return {
    path,
    unplug,
    replug,
    close: () => {
      unplug();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** How often a full line is tried again, ms. */
const FULL_RETRY_MS = 2;

/** The device's end as a stream. Destroying it hangs up the line. */
function masterStream({ master, slave }: PtyEnds, clock: Clock): Duplex {
  const unplugged = new AbortController();
  const reader = new ReadStream(master);

  /** The kernel takes what it has room for; a host that does not read must not stop this process. */
  async function write(bytes: Uint8Array, done: (error?: Error) => void): Promise<void> {
    let at = 0;
    while (at < bytes.length && !unplugged.signal.aborted) {
      try {
        at += writeSync(master, bytes, at);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return done(error as Error);
        await clock.machine.sleep(FULL_RETRY_MS, unplugged.signal).catch(() => undefined);
      }
    }
    done();
  }

  const stream = new Duplex({
    read: () => void reader.resume(),
    write: (chunk: Uint8Array, _encoding, done) => void write(chunk, done),
    destroy: (error, done) => {
      unplugged.abort();
      reader.destroy();
      closeSync(slave);
      done(error);
    },
  });
  reader.on('data', (chunk) => {
    if (!stream.push(chunk)) reader.pause();
  });
  reader.on('error', (error) => stream.destroy(error));
  reader.on('close', () => stream.destroy());
  return stream;
}
