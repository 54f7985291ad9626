/**
 * A thread with the devices of a benchmark. They stand for other machines: what they do must not make the one that calls late. Tells
 * of each call in the bytes that reach a device.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '@hall/contracts';
import { createOnbonKSimulator, listenTcp, openPty, type AttachableDevice } from '@hall/simulators';
import { STRIP_PX, type DevicesMade, type FromDevices, type Line, type Plug, type Progress, type ToDevices } from './devices.ts';
import { callIn } from './tickets.ts';

/** Cards hold every area of a strip template. */
const AREAS = 32;
/** A line that is not closed by then never will be, ms. */
const CLOSE_MS = 5000;
const clock = systemClock();
const port = parentPort;
if (!port) throw new Error('devices run in a thread of their own');
const say = (message: FromDevices) => port.postMessage(message);

let gathered: number[] = [];
/** Calls heard in one turn of the loop are told together; the time is taken first. */
function hear(device: number, call: number): void {
  const atMs = Number(process.hrtime.bigint()) / 1e6;
  if (gathered.length === 0) {
    setImmediate(() => {
      say({ heard: gathered });
      gathered = [];
    });
  }
  gathered.push(device, call, atMs);
}

interface Plugged extends Plug {
  close(): Promise<void>;
}
/** Puts a device on a line; serial lines are as fast as the kernel. */
async function plugIn(device: AttachableDevice, line: Line): Promise<Plugged> {
  if (line === 'pty') {
    const pty = openPty(device, { clock });
    return { address: pty.path, port: 0, close: async () => pty.close() };
  }
  const listener = await listenTcp(device);
  return { address: `127.0.0.1:${listener.port}`, port: listener.port, close: () => listener.close() };
}

interface Made {
  readonly device: AttachableDevice;
  progress(): Progress;
  close(): void;
}

/** A simulated Onbon card. */
function cardOf(at: number): Made {
  // What sixty cards would remember is moved about by the collector for up to 14 ms at a time, in which none of them hears.
  const simulator = createOnbonKSimulator({ clock, ...STRIP_PX, maxAreas: AREAS, seed: at + 1, keptFrames: 0 });
  simulator.onFrame(({ direction, bytes }) => {
    if (direction === 'out') return;
    const call = callIn(bytes);
    if (call >= 0) hear(at, call);
  });
  const { state } = simulator;
  return {
    device: simulator,
    progress: () => ({ frames: state.counters.frames, areas: state.areas.length }),
    close: () => simulator.close(),
  };
}

/** A device of the floor and of Node-RED: a line of text in; with `answers`, the ticket's call back as a line. */
function lineDeviceOf(at: number, answers: boolean): Made {
  let frames = 0;
  const attach: AttachableDevice['attach'] = (stream) => {
    let rest = '';
    stream.on('error', () => stream.destroy());
    stream.on('data', (bytes: Buffer) => {
      rest += bytes.toString('latin1');
      for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
        const call = callIn(Buffer.from(rest.slice(0, end), 'latin1'));
        rest = rest.slice(end + 1);
        if (call < 0) continue;
        frames += 1;
        hear(at, call);
        if (answers) stream.write(`${call}\n`);
      }
    });
  };
  return { device: { attach }, progress: () => ({ frames, areas: 0 }), close: () => {} };
}

const { kind, line, count } = workerData as DevicesMade;
const made: Made[] = [];
const plugs: Plugged[] = [];
for (let at = 0; at < count; at += 1) {
  const one = kind === 'cards' ? cardOf(at) : lineDeviceOf(at, kind === 'lines that answer');
  made.push(one);
  plugs.push(await plugIn(one.device, line));
}

port.on('message', (asked: ToDevices) => {
  if (asked === 'progress') return say({ progress: made.map((one) => one.progress()) });
  void (async () => {
    // Lines first: a connection that comes between would be taken by a device that is closed already.
    const lines = Promise.all(plugs.map((plug) => plug.close()));
    for (const one of made) one.close();
    await Promise.race([lines, clock.machine.sleep(CLOSE_MS)]);
    // Ends this thread. Left to itself it would live as long as anything in it does: a timer of a card, a socket whose end is late.
    process.exit();
  })();
});
say({ opened: plugs.map(({ address, port: number }) => ({ address, port: number })) });
