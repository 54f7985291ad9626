/** The short flow on every broker that the hall can be put on; HALL_TEST_BROKER puts all other tests on one of them too. */
import { brokerNames, brokersFor, runIntruder, startHall, type RunningHall } from '@hall/proof';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

const within = { timeout: 60_000 };

describe.each(brokersFor(brokerNames))('on the broker: %s', (broker) => {
  let hall: RunningHall;
  beforeAll(async () => {
    hall = await startHall({ windows: 2, broker });
  });
  afterAll(() => hall?.close());

  const strip = (window: string) => () => hall.shown(window);
  const presence = () => hall.server.services.agents.list()[0]?.presence;

  test('a call is drawn on its strip, and the agent is online', async () => {
    await hall.feed.send([hall.feed.event('window.opened', 'made-w01', { window: 'w01' }), hall.feed.called('w01', 'A001')]);
    await expect.poll(strip('w01'), within).toContain('A001');
    await expect.poll(presence, within).toBe('online');
  });

  /** The broker ends and comes back empty; the embedded one with its server. */
  const [end, begin] = [() => hall.broker?.kill() ?? hall.stopServer(), () => hall.broker?.start() ?? hall.startServer()];

  test('killed and empty, it is filled again: the next call is drawn', async () => {
    await end();
    await vi.waitFor(() => expect(hall.agents.get('agent-a')?.state().uplink).not.toBe('welcomed'), within);
    await begin();
    await hall.feed.send(hall.feed.called('w01', 'A002'));
    await expect.poll(strip('w01'), within).toContain('A002');
    await expect.poll(presence, within).toBe('online');
  });

  test('a stolen credential says and hears nothing of others, and nothing planted in it is shown', async () => {
    const { said, asked, planted, dropped, ...result } = await runIntruder({ broker, planted: 100 });
    expect(result).toEqual({ heard: 0, shown: [], right: true });
    expect([said, asked].every((count) => count > 10)).toBe(true);
    expect(planted).toBe(broker === 'embedded' ? 0 : 100);
    // RabbitMQ keeps what it is told to, but hands none of it to a filter with a wildcard.
    expect(dropped).toBeGreaterThanOrEqual(broker === 'mosquitto' || broker === 'nats' ? 81 : 0);
  });
});
