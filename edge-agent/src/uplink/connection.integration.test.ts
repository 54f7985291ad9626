/** A connection to a real broker over a real socket. */
import { once } from 'node:events';
import { createServer, Socket, type AddressInfo } from 'node:net';
import { systemClock } from '@hall/contracts';
import { Aedes } from 'aedes';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openMqtt } from './connection.ts';

/** First byte of a PUBACK. */
const PUBACK = 0x40;

test('what a message does to devices in its turn is written before the acknowledgement for the broker', async () => {
  const broker = await Aedes.createBroker();
  const server = createServer(broker.handle).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const written: string[] = [];
  let heard = () => {};
  const connection = await openMqtt(
    {
      url: `mqtt://127.0.0.1:${port}`,
      agent: 'a',
      credentials: { password: '' },
      will: { topic: 'will', payload: '' },
      onMessage: () => heard(),
    },
    systemClock(),
    new AbortController().signal,
  );
  onTestFinished(async () => {
    await connection.end();
    await new Promise<void>((resolve) => {
      broker.close(resolve);
    });
    server.close();
  });
  await connection.subscribe(['live']);
  const write = Socket.prototype.write;
  const spy = vi.spyOn(Socket.prototype, 'write').mockImplementation(function (this: Socket, ...args: unknown[]) {
    const [chunk] = args;
    if (Buffer.isBuffer(chunk) && chunk[0] === PUBACK) written.push('acknowledgement');
    return Reflect.apply(write, this, args) as boolean;
  });
  onTestFinished(() => spy.mockRestore());
  // A driver takes some steps of promises until it writes.
  heard = () => process.nextTick(() => void Promise.resolve().then(() => written.push('device')));
  const acknowledged = once(broker, 'ack');
  broker.publish({ cmd: 'publish', topic: 'live', payload: 'x', qos: 1, retain: false, dup: false }, () => {});
  await acknowledged;
  expect(written).toEqual(['device', 'acknowledgement']);
});
