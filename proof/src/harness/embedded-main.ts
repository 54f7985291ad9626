/** `node embedded-main.ts <hall> <port> <users file>`: the broker of a hall server without the server. SIGHUP reads the users again. */
import { readFile } from 'node:fs/promises';
import { systemClock } from '@hall/contracts';
import { createBroker, credentialCheck, hashCredential, mqttSignIn } from '@hall/server';
import { LISTENS, RELOADED } from './embedded.ts';
import { clientIdOf, SERVER, type BrokerUser } from './outside-broker.ts';

const [hall = '', port = '', file = ''] = process.argv.slice(2);
const hashes = { agent: new Map<string, string>(), platform: new Map<string, string>() };

async function readUsers(): Promise<void> {
  const users = JSON.parse(await readFile(file, 'utf8')) as readonly BrokerUser[];
  for (const { role, id, password } of users) if (role !== 'server') hashes[role].set(id, await hashCredential(password));
}

const signIn = mqttSignIn({
  hall,
  check: credentialCheck(),
  agentHash: (id) => hashes.agent.get(id),
  platformHash: (id) => hashes.platform.get(id),
  mark: (hash) => hash,
});
const own = clientIdOf(hall, { role: 'server', id: SERVER.username });
const isServer = (clientId: string, user: string, password: Uint8Array): boolean =>
  user === SERVER.username &&
  (clientId === own || clientId.startsWith(`${own}.`)) &&
  Buffer.from(password).toString() === SERVER.password;

await readUsers();
await createBroker({
  host: '127.0.0.1',
  port: Number(port),
  hall,
  machine: systemClock().machine,
  authenticate: async (clientId, user, password) =>
    isServer(clientId, user, password) ? { role: 'server', hall, id: clientId } : signIn(clientId, user, password),
  platformEvents: async () => {},
  refused: () => {},
  framing: () => {},
  handshake: () => {},
});
process.on('SIGHUP', () => void readUsers().then(() => console.log(RELOADED)));
console.log(LISTENS);
