/**
 * The raw floor of a fleet: a bare broker that says to light agents what the product says to them when nothing happens (welcome,
 * leases, the time), and knows nothing of what they say. Run as a process of its own; prints its port as one JSON line. Arguments:
 * the hall, and how often leases go out, ms.
 */
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { Aedes } from 'aedes';
import { addressOf, envelope, systemClock, topicOf, type AgentTopic, type Envelope, type Payload } from '@hall/contracts';

const [, , hall = '', leaseMs = ''] = process.argv;
const GEN = '00000000-0000-4000-8000-000000000000';
const { machine } = systemClock();

const broker = await Aedes.createBroker({ drainTimeout: 2000, concurrency: 1000 });
const agents = new Set<string>();
let said = 0;
const time = () => ({ hallMs: Date.now(), speed: 1 });

function say<N extends AgentTopic>(name: N, agent: string, data: Payload<N>): void {
  said += 1;
  const topic = addressOf(name, { hall, agent, device: '' } as never);
  const payload = JSON.stringify(envelope(name, `/hall/${hall}/server`, `${GEN}-${said}`, Date.now(), data));
  broker.publish({ cmd: 'publish', topic, payload, qos: 1, retain: false, dup: false }, () => {});
}
const lease = (agent: string) => say('lease', agent, { gen: GEN, head: 0, fresh: true, hallTime: time() });

broker.on('publish', ({ topic, payload }, client) => {
  const { name, names } = (client && topicOf(topic)) ?? {};
  const agent = names?.['agent'] ?? '';
  if (name === 'hello') {
    const { epoch } = (JSON.parse(payload.toString()) as Envelope<Payload<'hello'>>).data;
    say('welcome', agent, { verdict: 'accepted', epoch, gen: GEN, outboxAck: 0, devices: [], hallTime: time() });
    say('live', agent, { gen: GEN, after: 0, head: 0, full: true, fields: [] });
    lease(agent);
    agents.add(agent);
  } else if (name === 'timeRequest') {
    const { epoch, number } = (JSON.parse(payload.toString()) as Envelope<Payload<'timeRequest'>>).data;
    say('timeReply', agent, { epoch, number, receivedMs: Date.now(), repliedMs: Date.now(), hallTime: time() });
  }
});

const server = createServer((socket: Socket) => {
  socket.setNoDelay(true);
  broker.handle(socket);
});
await new Promise<void>((resolve) => {
  server.listen(0, '127.0.0.1', resolve);
});
process.stdout.write(`${JSON.stringify({ mqtt: (server.address() as AddressInfo).port })}\n`);
for (;;) {
  await machine.sleep(Number(leaseMs));
  for (const agent of agents) lease(agent);
}
