/** How soon the server knows that an agent is gone, whatever its broker tells, and how soon a return is complete. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { HALL, startHall, type RunningHall } from '../harness/hall.ts';
import type { BrokerName } from '../harness/outside-broker.ts';
import { productProcess } from '../harness/processes.ts';

export interface Loss {
  readonly how: 'cable' | 'stopped' | 'broker killed';
  /** From the fault to the agent shown as lost and its device as different, ms. */
  readonly lostMs: number;
  /** From the end of the fault to both right again, ms. */
  readonly backMs: number;
}

const LONGEST_MS = 60_000;
const LOOK_MS = 10;
const FROZEN = 'agent-p';
const AGENT = 'edge-agent/src/main.ts';

export async function runLoss(broker: BrokerName): Promise<readonly Loss[]> {
  const hall = await startHall({ windows: 1, broker });
  try {
    const presenceOf = (agent: string) => hall.server.services.agents.list().find(({ id }) => id === agent)?.presence;
    const timeUntil = async (holds: () => boolean): Promise<number> => {
      const fromMs = hall.clock.machine.nowMs();
      while (!holds() && hall.clock.machine.nowMs() - fromMs < LONGEST_MS) await hall.clock.machine.sleep(LOOK_MS);
      return holds() ? hall.clock.machine.nowMs() - fromMs : Number.POSITIVE_INFINITY;
    };
    const differs = () => hall.server.services.devices.get('strip-w01')?.difference.includes('agent') ?? false;
    const lost = () => presenceOf('agent-a') === 'lost' && differs();
    const back = () => presenceOf('agent-a') === 'online' && !differs();
    await timeUntil(back);

    const cable = hall.cables.get('agent-a');
    cable?.faults.set('both', { lost: true });
    const cut = { how: 'cable' as const, lostMs: await timeUntil(lost), backMs: 0 };
    cable?.faults.clear();
    cable?.reset();
    const losses: Loss[] = [{ ...cut, backMs: await timeUntil(back) }];

    const frozen = await startFrozen(hall);
    try {
      await timeUntil(() => presenceOf(FROZEN) === 'online');
      process.kill(frozen.pid ?? 0, 'SIGSTOP');
      const lostMs = await timeUntil(() => presenceOf(FROZEN) === 'lost');
      process.kill(frozen.pid ?? 0, 'SIGCONT');
      losses.push({ how: 'stopped', lostMs, backMs: await timeUntil(() => presenceOf(FROZEN) === 'online') });
    } finally {
      await frozen.kill();
    }

    if (hall.broker) {
      await hall.broker.kill();
      const lostMs = await timeUntil(lost);
      await hall.broker.start();
      losses.push({ how: 'broker killed', lostMs, backMs: await timeUntil(back) });
    }
    return losses;
  } finally {
    await hall.close();
  }
}

/** An agent as a process of its own, which can be stopped in the middle. */
async function startFrozen(hall: RunningHall) {
  const { password } = await hall.server.services.agents.admit(FROZEN);
  await hall.broker?.admit('agent', FROZEN, password);
  const at = (name: string) => path.join(hall.folder, name);
  await writeFile(at(`${FROZEN}.password`), password, { mode: 0o600 });
  const config = {
    hall: HALL,
    agent: FROZEN,
    server: { url: hall.server.mqttUrl, passwordFile: at(`${FROZEN}.password`) },
    data: at(FROZEN),
    kiosk: { port: 0 },
    log: 'info',
  };
  await writeFile(at(`${FROZEN}.json`), JSON.stringify(config));
  const agent = productProcess({
    name: FROZEN,
    args: [AGENT, 'start', '--config', at(`${FROZEN}.json`)],
    readyWords: '"agent started"',
  });
  agent.start();
  await agent.ready();
  return agent;
}

/**
 * The desired state of a strip changes while its agent is away, and server and broker are started anew; from the start of the agent
 * to the strip as it is to be and nothing different, ms.
 */
export async function runAway(broker: BrokerName): Promise<number> {
  const hall = await startHall({ windows: 2, broker });
  const { feed, clock, content } = hall;
  try {
    const until = async (holds: () => boolean): Promise<void> => {
      const endMs = clock.machine.nowMs() + LONGEST_MS;
      while (!holds() && clock.machine.nowMs() < endMs) await clock.machine.sleep(LOOK_MS);
    };
    await feed.send([
      feed.event('window.opened', 'made-w01', { window: 'w01' }),
      feed.event('window.opened', 'made-w02', { window: 'w02' }),
      feed.called('w01', 'A001'),
      feed.called('w02', 'B001'),
    ]);
    await until(() => hall.shown('w01').includes('A001'));
    await hall.stopAgent('agent-a');
    const devices = content.devices.map((device) =>
      device.id === 'strip-w01' && device.screen ? { ...device, screen: { ...device.screen, window: 'w02' } } : device,
    );
    await hall.server.services.content.replace({ by: 'test', address: '127.0.0.1' }, { ...content, devices });
    await hall.stopServer();
    await hall.broker?.restart();
    await hall.startServer();
    await until(() => hall.server.services.agents.list().length > 0);
    await feed.send(feed.event('feed.heartbeat', 'made-beat', {}));
    const fromMs = clock.machine.nowMs();
    await hall.startAgent('agent-a');
    const right = () =>
      hall.shown('w01').includes('B001') && hall.server.services.devices.get('strip-w01')?.difference.length === 0;
    await until(right);
    return right() ? clock.machine.nowMs() - fromMs : Number.POSITIVE_INFINITY;
  } finally {
    await hall.close();
  }
}
