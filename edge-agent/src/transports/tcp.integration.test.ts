import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { systemClock } from '@hall/contracts';
import { expect, onTestFinished, test } from 'vitest';
import { tcp } from './tcp.ts';

test('closing tears the connection down, so that nothing unsent can reach the device later', async () => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const [connection, [peer]] = await Promise.all([
    tcp('127.0.0.1', port, systemClock()).connect(new AbortController().signal),
    once(server, 'connection') as Promise<[Socket]>,
  ]);
  const failed = once(peer, 'error');
  peer.resume();
  await connection.close();
  await expect(failed).resolves.toEqual([expect.objectContaining({ code: 'ECONNRESET' })]);
  await expect(connection.closed).resolves.toBeUndefined();
});
