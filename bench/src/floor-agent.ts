/**
 * The raw floor, agent side: MQTT QoS 1 in → one write to the device → its answer → MQTT QoS 1 out.
 * Arguments: MQTT port, then `device=host:port` or `device=/dev/pts/N`. Answers are one line.
 */
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import mqtt from 'mqtt';
import { SerialPort } from 'serialport';

const [mqttPort, ...devices] = process.argv.slice(2);
const client = mqtt.connect(`mqtt://127.0.0.1:${mqttPort}`, { protocolVersion: 4, keepalive: 30 });
await new Promise((resolve) => client.once('connect', resolve));
(client.stream as unknown as { setNoDelay?: (on: boolean) => void }).setNoDelay?.(true);

const lines = new Map<string, Duplex>();
for (const text of devices) {
  const [device = '', address = ''] = text.split('=');
  if (address.startsWith('/')) {
    const port = new SerialPort({ path: address, baudRate: 57_600, autoOpen: false });
    await new Promise<void>((resolve, reject) => {
      port.open((error) => (error ? reject(error) : resolve()));
    });
    lines.set(device, port);
  } else {
    const [host = '', port = ''] = address.split(':');
    const socket = connect(Number(port), host);
    socket.setNoDelay(true);
    await new Promise((resolve) => socket.once('connect', resolve));
    lines.set(device, socket);
  }
  let rest = '';
  lines.get(device)?.on('data', (bytes: Buffer) => {
    rest += bytes.toString('latin1');
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
      client.publish(`floor/ack/${device}`, rest.slice(0, end), { qos: 1 });
      rest = rest.slice(end + 1);
    }
  });
}
client.on('message', (topic, payload) => {
  lines.get(topic.slice('floor/device/'.length))?.write(`${payload.toString('latin1')}\n`);
});
await client.subscribeAsync(
  [...lines.keys()].map((device) => `floor/device/${device}`),
  { qos: 1 },
);
process.stdout.write('ready\n');
