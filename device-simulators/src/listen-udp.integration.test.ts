import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { systemClock } from '@hall/contracts';
import { onbonK } from '@hall/wire';
import { expect, onTestFinished, test, vi } from 'vitest';
import { listenUdp } from './listen-udp.ts';
import { createOnbonKSimulator } from './onbon-k/index.ts';

const clock = systemClock();
const ping = (to: number) => onbonK.encodeFrame(onbonK.toScreen(to, onbonK.encodeRequest({ kind: 'ping' })));

async function asker() {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  socket.setBroadcast(true);
  onTestFinished(() => void socket.close());
  const heard: { from: string; source: number; deviceType: number }[] = [];
  socket.on('message', (bytes, { address }) => {
    for (const item of onbonK.scan(bytes).found) if ('frame' in item) heard.push({ from: address, ...item.frame });
  });
  return { socket, heard };
}

async function card(host: string, port: number, options: { address: number; deviceType?: number }) {
  const simulator = createOnbonKSimulator({ clock, ...options });
  const line = await listenUdp(simulator, { host, port, broadcast: '127.255.255.255' });
  onTestFinished(async () => {
    simulator.close();
    await line.close();
  });
  return { simulator, line };
}

test('cards answer one datagram to all of them, each from its own address and with its own number', async () => {
  const first = await card('127.0.0.11', 0, { address: 3 });
  const { port } = first.line;
  await card('127.0.0.12', port, { address: 4, deviceType: onbonK.deviceTypes['6K1'] });
  const { socket, heard } = await asker();
  socket.send(ping(onbonK.addresses.broadcastWithReply), port, '127.255.255.255');
  await vi.waitFor(() => expect(heard).toHaveLength(2));
  expect(heard.toSorted((one, other) => one.source - other.source)).toMatchObject([
    { from: '127.0.0.11', source: 3, deviceType: 0xfe },
    { from: '127.0.0.12', source: 4, deviceType: 0x61 },
  ]);
});

test('a question to one address is answered by that card only, and garbage by nobody', async () => {
  const { simulator, line } = await card('127.0.0.13', 0, { address: 5 });
  const { socket, heard } = await asker();
  socket.send(Buffer.from('who is there?'), line.port, '127.0.0.13');
  socket.send(ping(6), line.port, '127.0.0.13');
  socket.send(ping(5), line.port, '127.0.0.13');
  await vi.waitFor(() => expect(heard).toMatchObject([{ source: 5 }]));
  expect(simulator.state.counters).toMatchObject({ foreign: 1, acknowledged: 1 });
});
