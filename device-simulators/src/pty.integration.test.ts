import { closeSync, constants, existsSync, openSync, realpathSync, writeSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { systemClock } from '@hall/contracts';
import { concat, onbonK } from '@hall/wire';
import type { AttachableDevice } from './byte-link.ts';
import { createOnbonKSimulator } from './onbon-k/index.ts';
import { openPty, type PtyOptions } from './pty.ts';

const clock = systemClock();
const allBytes = Uint8Array.from({ length: 256 }, (_, at) => at);
const ask = (request: onbonK.Request) => onbonK.encodeFrame(onbonK.toScreen(1, onbonK.encodeRequest(request)));
const echo: AttachableDevice = { attach: (stream) => void stream.on('data', (bytes: Buffer) => stream.write(bytes)) };

function plug(device: AttachableDevice, options: Omit<PtyOptions, 'clock'> = {}) {
  const line = openPty(device, { clock, ...options });
  onTestFinished(() => line.close());
  return line;
}

/** Opens the line as a host does. */
function host(path: string) {
  const fd = openSync(path, constants.O_RDWR | constants.O_NOCTTY);
  const stream = new ReadStream(openSync(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK));
  const chunks: Buffer[] = [];
  const gone = new Promise<void>((resolve) => {
    stream.on('error', () => resolve());
    stream.on('close', () => resolve());
    stream.on('end', () => resolve());
  });
  stream.on('data', (bytes) => void chunks.push(bytes as Buffer));
  let open = true;
  const close = (): void => {
    if (open) closeSync(fd);
    open = false;
    stream.destroy();
  };
  onTestFinished(close);
  return { write: (bytes: Uint8Array) => writeSync(fd, bytes), heard: () => Uint8Array.from(concat(...chunks)), gone, close };
}
const replies = (heard: () => Uint8Array) =>
  onbonK.scan(heard()).found.flatMap((item) => ('frame' in item ? [onbonK.parseReply(item.frame.data)?.kind] : []));

describe('a pseudo-terminal', () => {
  test('all 256 byte values pass both ways, none echoed or rewritten', async () => {
    const heard: Uint8Array[] = [];
    const line = plug({
      attach: (stream) => {
        stream.on('data', (bytes: Buffer) => {
          heard.push(bytes);
          stream.write(bytes);
        });
      },
    });
    const end = host(line.path);
    end.write(allBytes);
    await vi.waitFor(() => expect(end.heard()).toEqual(allBytes));
    expect(Uint8Array.from(concat(...heard))).toEqual(allBytes);
  });

  test('a host that does not read stops nobody and gets every byte later', async () => {
    const bytes = Uint8Array.from({ length: 100_000 }, (_, at) => (at * 7) & 0xff);
    const line = plug({ attach: (stream) => void stream.write(bytes) });
    const end = host(line.path);
    await vi.waitFor(() => expect(end.heard()).toHaveLength(bytes.length), { timeout: 10_000 });
    expect(end.heard()).toEqual(bytes);
  });

  test('unplugging is seen by the host at once, the path is gone, and comes back the same', async () => {
    const line = plug(echo);
    const first = host(line.path);
    first.write(Uint8Array.of(1));
    await vi.waitFor(() => expect(first.heard()).toHaveLength(1));
    line.unplug();
    await first.gone;
    expect(existsSync(line.path)).toBe(false);
    line.replug();
    const second = host(line.path);
    second.write(Uint8Array.of(2));
    await vi.waitFor(() => expect(second.heard()).toEqual(Uint8Array.of(2)));
  });

  test('a host that closes and opens again finds the line as it was', async () => {
    const line = plug(echo);
    const real = realpathSync(line.path);
    const first = host(line.path);
    first.write(Uint8Array.of(1));
    await vi.waitFor(() => expect(first.heard()).toHaveLength(1));
    first.close();
    const second = host(line.path);
    second.write(Uint8Array.of(2));
    await vi.waitFor(() => expect(second.heard()).toEqual(Uint8Array.of(2)));
    expect(realpathSync(line.path)).toBe(real);
  });

  test('unplugging and plugging twice does nothing more', () => {
    const line = plug(echo);
    line.replug();
    line.unplug();
    line.unplug();
    line.replug();
    expect(existsSync(line.path)).toBe(true);
    line.close();
    expect(existsSync(line.path)).toBe(false);
  });
});

describe('a card on a serial line', () => {
  test('answers at 57,600 bit/s, no faster than the line allows', async () => {
    const card = createOnbonKSimulator({ clock });
    onTestFinished(() => card.close());
    const line = plug(card, { baud: 57_600 });
    const end = host(line.path);
    const startMs = clock.machine.nowMs();
    end.write(ask({ kind: 'ping' }));
    await vi.waitFor(() => expect(replies(end.heard)).toEqual(['ack']));
    expect(clock.machine.nowMs() - startMs).toBeGreaterThanOrEqual(10);
    end.write(ask({ kind: 'status' }));
    await vi.waitFor(() => expect(replies(end.heard)).toEqual(['ack', 'status']));
  });

  test('keeps its areas when the adapter is pulled, and is heard again afterwards', async () => {
    const card = createOnbonKSimulator({ clock });
    onTestFinished(() => card.close());
    const line = plug(card);
    const first = host(line.path);
    first.write(ask({ kind: 'brightness', mode: 'fixed', level: 2 }));
    await vi.waitFor(() => expect(replies(first.heard)).toEqual(['ack']));
    line.unplug();
    await first.gone;
    line.replug();
    const second = host(line.path);
    second.write(ask({ kind: 'status' }));
    await vi.waitFor(() => expect(replies(second.heard)).toEqual(['status']));
    expect(card.state).toMatchObject({ brightness: 2, counters: { connections: 2 } });
  });
});
