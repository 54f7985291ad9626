import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openCable } from './cable.ts';
import type { SeenMessage } from './messages.ts';

const word = (text: string) => [0, text.length, ...Buffer.from(text)];
const packet = (first: number, body: readonly number[]) => Buffer.from([first, body.length, ...body]);
const CONNECT = packet(0x10, [...word('MQTT'), 4, 0x04, 0, 5, ...word('agent-a'), ...word('last'), ...word('{}')]);
const publish = (topic: string) => packet(0x30, [...word(topic), 0x31]);

/** A cable to something that accepts connections and says nothing by itself. */
async function begin() {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const seen: SeenMessage[] = [];
  const target = () => ({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
  const cable = await openCable({ target, see: (message) => seen.push(message) });
  const sockets: Socket[] = [];
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await cable.close();
    server.close();
  });
  const open = async (): Promise<{ client: Socket; broker: Socket }> => {
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    const client = connect(cable.port, '127.0.0.1');
    client.on('error', () => {});
    const [broker] = await accepted;
    broker.on('error', () => {});
    sockets.push(client, broker);
    return { client, broker };
  };
  return { cable, seen, open };
}
/** Also where an error comes first. */
const closed = (socket: Socket) =>
  new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
  });
const short = ({ way, client, topic, payload }: SeenMessage) =>
  `${way} ${client} ${topic} ${typeof payload === 'string' ? payload : Buffer.from(payload).toString()}`;

test('a last will and what passes in both directions are shown, with the client whose connection it is', async () => {
  const { seen, open } = await begin();
  const { client, broker } = await open();
  const heard: Buffer[] = [];
  broker.on('data', (bytes: Buffer) => heard.push(bytes));
  client.write(CONNECT);
  client.write(publish('up'));
  await vi.waitFor(() => expect(Buffer.concat(heard)).toEqual(Buffer.concat([CONNECT, publish('up')])));
  broker.write(publish('down'));
  const [told] = (await once(client, 'data')) as [Buffer];
  expect(told).toEqual(publish('down'));
  expect(seen.map(short)).toEqual(['will agent-a last {}', 'in agent-a up 1', 'out agent-a down 1']);
});

test('what is no MQTT is shown as something that could not be read', async () => {
  const { seen, open } = await begin();
  const { client } = await open();
  client.write('GET / HTTP/1.1\r\n\r\n');
  await vi.waitFor(() => expect(seen.map(short)).toEqual(['in   unreadable']));
});

test('pulled, it breaks what it carries and lets nobody in; plugged in again, it carries', async () => {
  const { cable, open } = await begin();
  const { client, broker } = await open();
  const cut = Promise.all([closed(client), closed(broker)]);
  cable.unplug(true);
  await cut;
  const refused = connect(cable.port, '127.0.0.1');
  refused.on('error', () => {});
  await closed(refused);
  cable.unplug(false);
  const again = await open();
  again.client.write('x');
  await once(again.broker, 'data');
  expect(cable.unplugged).toBe(false);
});
