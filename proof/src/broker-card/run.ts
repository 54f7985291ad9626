/** Finds out all facts about one running broker. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { addressOf, filterOf, systemClock } from '@hall/contracts';
import { startAlone } from '../harness/brokers.ts';
import { clientIdOf, SERVER, type BrokerName, type BrokerUser, type OutsideBroker } from '../harness/outside-broker.ts';
import type { LightLogin } from '../harness/light-mqtt.ts';
import type { BrokerColumn } from './card.ts';
import { brokerFacts } from './index.ts';
import { unexpected, type Fact, type Login, type Stage } from './fact.ts';
import { openRaw, type RawClient } from './raw-client.ts';

/** Facts found out at one time: most of it is waiting for what does not come. */
const LANES = 8;
const KEEP_ALIVE_S = 60;
const HALL = 'a';
const PATIENCE_MS = 30_000;
const RETRY_MS = 50;

const { machine } = systemClock();

type User = Login & { readonly password: string };

/** Who acts for a fact. */
function actorsOf({ id }: Fact): { readonly agents: readonly [User, User]; readonly platform: User } {
  const login = (one: string): User => ({ id: `${id}-${one}`, password: `password-of-${id}-${one}`, keepAliveS: KEEP_ALIVE_S });
  return { agents: [login('a'), login('b')], platform: login('p') };
}
const usersOf = (one: Fact): readonly BrokerUser[] => {
  const { agents, platform } = actorsOf(one);
  return [
    ...agents.map(({ id, password }) => ({ role: 'agent' as const, id, password })),
    { role: 'platform', id: platform.id, password: platform.password },
  ];
};

/** A stage of its own for a fact, and what clears it away. */
function stageOf(broker: OutsideBroker, hall: string, one: Fact): { readonly stage: Stage; readonly clear: () => void } {
  const clients: RawClient[] = [];
  const open = (): RawClient => {
    const client = openRaw(broker.url);
    clients.push(client);
    return client;
  };
  const join = async (login: LightLogin): Promise<RawClient> => {
    for (const endMs = machine.nowMs() + PATIENCE_MS; ; await machine.sleep(RETRY_MS)) {
      const client = open();
      const answer = await client.connect(login);
      if (typeof answer !== 'string' && answer[1] === 0) return client;
      if (answer !== 'ended' || machine.nowMs() > endMs) return unexpected(`${String(login.id)} is not let in`, answer);
    }
  };
  let servers = 0;
  const server = () => {
    servers += 1;
    const id = `${clientIdOf(hall, { role: 'server', id: SERVER.username })}.${one.id}-${servers}`;
    return join({ id, user: SERVER.username, password: SERVER.password, keepAliveS: KEEP_ALIVE_S });
  };
  const stage: Stage = {
    hall,
    ...actorsOf(one),
    address: (name, agent, device = 'd') => addressOf(name, { hall, agent: agent.id, device, platform: '' } as never),
    open,
    join: (login, more) => join({ ...login, ...more }),
    server,
    ears: async (...names) => {
      const ears = await server();
      for (const name of names) await ears.subscribe(filterOf(name, { hall }));
      return ears;
    },
    killAndStart: async () => {
      await broker.kill();
      await broker.start({ keepStore: true });
    },
  };
  return { stage, clear: () => clients.forEach((client) => client.drop()) };
}

async function findOut(broker: OutsideBroker, hall: string, one: Fact): Promise<string> {
  const { stage, clear } = stageOf(broker, hall, one);
  try {
    return await one.run(stage);
  } catch (cause) {
    throw new Error(`${one.id} on ${broker.name}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  } finally {
    clear();
  }
}

/** Starts a broker of its own, finds out all facts about it, and ends it. @throws Error that names the fact and the broker. */
export async function brokerColumn(name: BrokerName, facts: readonly Fact[] = brokerFacts): Promise<BrokerColumn> {
  const folder = await mkdtemp(path.join(tmpdir(), 'hall-broker-'));
  try {
    const broker = await startAlone(name, folder, HALL);
    try {
      return { version: broker.version, outcomes: await findOutAll(broker, HALL, facts) };
    } finally {
      await broker.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What came of each fact, by its id, in the order of the facts. The broker is left running. @throws Error that names the fact. */
async function findOutAll(
  broker: OutsideBroker,
  hall: string,
  facts: readonly Fact[],
): Promise<Readonly<Record<string, string>>> {
  await broker.admitAll(facts.flatMap(usersOf));
  const found = new Map<string, string>();
  const together = facts.filter(({ alone }) => alone !== true);
  const waiting = [...together.filter(({ slow }) => slow === true), ...together.filter(({ slow }) => slow !== true)];
  const lane = async () => {
    for (let one = waiting.shift(); one; one = waiting.shift()) found.set(one.id, await findOut(broker, hall, one));
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  for (const one of facts.filter(({ alone }) => alone === true)) found.set(one.id, await findOut(broker, hall, one));
  return Object.fromEntries(facts.map(({ id }) => [id, found.get(id) ?? '']));
}
