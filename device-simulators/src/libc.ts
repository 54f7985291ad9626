/** The few calls of the C library that make a pseudo-terminal. Linux with glibc. */
import { constants, closeSync, openSync } from 'node:fs';
import koffi from 'koffi';

/** Larger than `struct termios` on any Linux. */
const TERMIOS_BYTES = 256;

interface Libc {
  posix_openpt(flags: number): number;
  grantpt(fd: number): number;
  unlockpt(fd: number): number;
  ptsname(fd: number): string | null;
  tcgetattr(fd: number, termios: Buffer): number;
  cfmakeraw(termios: Buffer): void;
  tcsetattr(fd: number, when: number, termios: Buffer): number;
}

/** Loaded on first use: who needs no pty needs no C library. */
let loaded: Libc | undefined;
function libc(): Libc {
  if (loaded) return loaded;
  const library = koffi.load('libc.so.6');
  loaded = {
    posix_openpt: library.func('int posix_openpt(int)'),
    grantpt: library.func('int grantpt(int)'),
    unlockpt: library.func('int unlockpt(int)'),
    ptsname: library.func('const char *ptsname(int)'),
    tcgetattr: library.func('int tcgetattr(int, void *)'),
    cfmakeraw: library.func('void cfmakeraw(void *)'),
    tcsetattr: library.func('int tcsetattr(int, int, void *)'),
  };
  return loaded;
}

/** Both ends of a pseudo-terminal in raw mode. Whoever opens `path` is the host; `master` is the device's end. */
export interface PtyEnds {
  /** Non-blocking. */
  readonly master: number;
  /** Held open, so that the line outlives a host that closes it. */
  readonly slave: number;
  /** /dev/pts/N */
  readonly path: string;
}

/** Throws `Error` naming the call that failed. */
export function openPtyEnds(): PtyEnds {
  const calls = libc();
  const master = calls.posix_openpt(constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  if (master < 0) throw new Error('posix_openpt failed: no pseudo-terminals left');
  let slave: number | undefined;
  try {
    if (calls.grantpt(master) !== 0) throw new Error('grantpt failed');
    if (calls.unlockpt(master) !== 0) throw new Error('unlockpt failed');
    const path = calls.ptsname(master);
    if (path === null) throw new Error('ptsname failed');
    slave = openSync(path, constants.O_RDWR | constants.O_NOCTTY);
    const termios = Buffer.alloc(TERMIOS_BYTES);
    if (calls.tcgetattr(slave, termios) !== 0) throw new Error('tcgetattr failed');
    // Without raw mode the kernel echoes and rewrites bytes until a host sets its own mode.
    calls.cfmakeraw(termios);
    if (calls.tcsetattr(slave, 0, termios) !== 0) throw new Error('tcsetattr failed');
    return { master, slave, path };
  } catch (error) {
    if (slave !== undefined) closeSync(slave);
    closeSync(master);
    throw error;
  }
}
