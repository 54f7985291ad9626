/** A network on the way to a UDP port: datagrams are late, lost, doubled, out of order or damaged on request. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { systemClock, type Clock } from '@hall/contracts';
import { seeded } from '@hall/simulators';

export interface UdpFaults {
  /** Every datagram arrives so much later, ms. */
  delayMs: number;
  /** And up to so much later still, each its own; they overtake each other, ms. */
  jitterMs: number;
  /** Share of datagrams that never arrive, 0 to 1. */
  lose: number;
  /** Share that arrive twice. */
  double: number;
  /** Share of which one byte is changed. */
  corrupt: number;
}
const healthy: UdpFaults = { delayMs: 0, jitterMs: 0, lose: 0, double: 0, corrupt: 0 };

export interface UdpLineOptions {
  readonly target: { readonly host: string; readonly port: number };
  readonly clock?: Pick<Clock, 'machine'>;
  readonly seed?: number;
}

export interface UdpLine {
  readonly host: '127.0.0.1';
  readonly port: number;
  /** Of both directions. */
  readonly faults: UdpFaults;
  clear(): void;
  close(): Promise<void>;
}

/** An open line does not keep the process alive. Each sender keeps a port of its own towards the target, so answers find their way. */
export async function openUdpLine({ target, clock = systemClock(), seed = 1 }: UdpLineOptions): Promise<UdpLine> {
  const { machine } = clock;
  const random = seeded(seed);
  const faults = { ...healthy };
  const over = new AbortController();
  const near = createSocket('udp4');
  const senders = new Map<string, Socket>();

  function carry(bytes: Uint8Array, send: (bytes: Uint8Array) => void): void {
    const copies = random() < faults.lose ? 0 : random() < faults.double ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      const sent = Uint8Array.from(bytes);
      if (sent.length > 0 && random() < faults.corrupt) {
        const at = Math.floor(random() * sent.length);
        sent[at] = (sent[at] ?? 0) ^ (1 + Math.floor(random() * 255));
      }
      const delayMs = faults.delayMs + random() * faults.jitterMs;
      if (delayMs === 0) send(sent);
      else
        machine.sleep(delayMs, over.signal).then(
          () => send(sent),
          () => {},
        );
    }
  }

  near.on('message', (bytes, { address, port }) => {
    const key = `${address}:${port}`;
    let far = senders.get(key);
    if (!far) {
      far = createSocket('udp4');
      far.unref();
      far.on('error', () => {});
      far.on('message', (answer) => carry(answer, (sent) => near.send(sent, port, address)));
      senders.set(key, far);
    }
    const through = far;
    carry(bytes, (sent) => through.send(sent, target.port, target.host));
  });
  near.unref();
  near.bind(0, '127.0.0.1');
  await once(near, 'listening');
  return {
    host: '127.0.0.1',
    port: near.address().port,
    faults,
    clear: () => void Object.assign(faults, healthy),
    async close() {
      over.abort();
      for (const far of senders.values()) far.close();
      const closed = once(near, 'close');
      near.close();
      await closed;
    },
  };
}
