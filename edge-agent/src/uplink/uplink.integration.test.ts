import { randomUUID } from 'node:crypto';
import type { Clock } from '@hall/contracts';
import { expect, test, vi } from 'vitest';
import { GEN, clock, createHall, dataFolder, hallTime, startAgent, welcome, within } from '../fixture.ts';

/** Ten times as fast as the wall. */
const fast: Clock = {
  ...clock,
  machine: { nowMs: () => clock.machine.nowMs() * 10, sleep: (ms, signal) => clock.machine.sleep(ms / 10, signal) },
};

/** A server that welcomes; its broker outlives it. */
async function begin(options: Parameters<typeof startAgent>[2] = {}) {
  const hall = await createHall();
  const epoch = randomUUID();
  let serves = true;
  hall.on(({ name, data }) => {
    if (name === 'hello' && serves) void hall.say('welcome', welcome(data.epoch));
  });
  const agent = await startAgent(hall.url, dataFolder(), options);
  await hall.say('serverState', { state: 'online', gen: GEN, epoch });
  const uplink = (state: string) => vi.waitFor(() => expect(agent.state().uplink).toBe(state), within);
  await uplink('welcomed');
  return { hall, agent, uplink, epoch, serve: (on: boolean) => (serves = on) };
}

test.each(['stopped', 'lost'] as const)(
  'a server that is %s behind a broker that stays leaves the agent alone until it is back',
  async (state) => {
    const { hall, uplink, epoch, serve } = await begin();
    serve(false);
    await hall.say('serverState', { state, gen: GEN, epoch });
    await uplink('connected');
    serve(true);
    const hellos = hall.saidOf('hello').length;
    await hall.say('serverState', { state: 'online', gen: GEN, epoch: randomUUID() });
    await uplink('welcomed');
    expect(hall.saidOf('hello').length).toBeGreaterThan(hellos);
  },
);

test('a server that says nothing any more behind a broker that stays counts as gone; hello is said until it answers', async () => {
  const { hall, uplink, serve } = await begin({ clock: fast });
  serve(false);
  await uplink('connected');
  const hellos = hall.saidOf('hello').length;
  await vi.waitFor(() => expect(hall.saidOf('hello').length).toBeGreaterThan(hellos + 1), within);
  serve(true);
  await uplink('welcomed');
});

test('leases alone show that the server lives', async () => {
  const { hall, agent } = await begin({ clock: fast });
  const hellos = hall.saidOf('hello').length;
  for (let at = 0; at < 8; at += 1) {
    await hall.say('lease', { gen: GEN, head: 0, fresh: true, hallTime: hallTime() });
    await fast.machine.sleep(5000);
  }
  expect(agent.state().uplink).toBe('welcomed');
  expect(hall.saidOf('hello').length).toBe(hellos);
});
