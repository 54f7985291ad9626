/**
 * The raw floor of a silent hall: a process that asks each of its devices something every two seconds over a connection of its own
 * and reads the answer, as drivers do to notice a device that is gone. Arguments: `host:port` of each device. A device answers a
 * line with a line.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { systemClock } from '@hall/contracts';
import { ticketOf } from './tickets.ts';

/** As the driver of the strips. */
const EVERY_MS = 2000;
/** Shared by all devices, so that the code is compiled alike for few and many. */
const WARM_UP_QUESTIONS = 20_000;
const { machine } = systemClock();
const QUESTION = `${ticketOf(1)}\n`;

const sockets: Socket[] = [];
for (const address of process.argv.slice(2)) {
  const [host = '', port = ''] = address.split(':');
  const socket = connect(Number(port), host);
  socket.setNoDelay(true);
  await once(socket, 'connect');
  sockets.push(socket);
}
for (let asked = 0; asked < WARM_UP_QUESTIONS; asked += sockets.length) {
  const answers = sockets.map((socket) => once(socket, 'data'));
  for (const socket of sockets) socket.write(QUESTION);
  await Promise.all(answers);
}
async function ask(socket: Socket, afterMs: number): Promise<void> {
  await machine.sleep(afterMs);
  for (;;) {
    socket.write(QUESTION);
    await machine.sleep(EVERY_MS);
  }
}
for (const [at, socket] of sockets.entries()) {
  socket.on('data', () => {});
  void ask(socket, (EVERY_MS * at) / sockets.length);
}
process.stdout.write('ready\n');
