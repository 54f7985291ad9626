/** A serial cable between two real pseudo-terminals. */
import { systemClock } from '@hall/contracts';
import { openPty } from '@hall/simulators';
import { SerialPort } from 'serialport';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openSerialLine } from './serial-line.ts';

const within = { timeout: 10_000 };

const clock = systemClock();

/** A device that answers every byte with itself, behind a cable, and the port of whoever uses it. */
async function setup() {
  const device = openPty({ attach: (stream) => void stream.on('data', (bytes: Uint8Array) => stream.write(bytes)) }, { clock });
  const line = await openSerialLine({ target: device.path, baud: 57_600 });
  let said = Buffer.alloc(0);
  const open = async () => {
    const port = new SerialPort({ path: line.path, baudRate: 57_600, autoOpen: false });
    await new Promise<void>((resolve, reject) => {
      port.open((error) => (error ? reject(error) : resolve()));
    });
    port.on('error', () => {});
    port.on('data', (bytes: Buffer) => {
      said = Buffer.concat([said, bytes]);
    });
    ports.push(port);
    return port;
  };
  const ports: SerialPort[] = [];
  onTestFinished(async () => {
    for (const port of ports) if (port.isOpen) port.close();
    await line.close();
    device.close();
  });
  return { line, open, said: () => said };
}

test('all 256 byte values pass both ways', async () => {
  const { open, said } = await setup();
  const port = await open();
  const every = Buffer.from(Array.from({ length: 256 }, (_, at) => at));
  port.write(every);
  await vi.waitFor(() => expect(said()).toEqual(every), within);
});

test('answers stall and come later, and others are lost for good', async () => {
  const { line, open, said } = await setup();
  const port = await open();
  line.faults.set('down', { stalled: true });
  port.write('A');
  await new Promise<void>((resolve) => {
    port.drain(() => resolve());
  });
  expect(said().length).toBe(0);
  line.faults.clear();
  await vi.waitFor(() => expect(said().toString()).toBe('A'), within);
  line.faults.set('up', { lost: true });
  port.write('B');
  await new Promise<void>((resolve) => {
    port.drain(() => resolve());
  });
  await vi.waitFor(() => expect(line.faults.up.lost).toBe(true), within);
  line.faults.clear();
  port.write('C');
  await vi.waitFor(() => expect(said().toString()).toContain('C'), within);
});

test('a pulled adapter ends the port, and is there again under its path', async () => {
  const { line, open, said } = await setup();
  const port = await open();
  line.unplug(true);
  // A port that nobody writes to does not notice.
  await vi.waitFor(() => {
    if (port.isOpen) port.write('?');
    expect(port.isOpen).toBe(false);
  }, within);
  await expect(open()).rejects.toThrow(/cannot open/i);
  line.unplug(false);
  const again = await open();
  again.write('D');
  await vi.waitFor(() => expect(said().toString()).toBe('D'), within);
});
