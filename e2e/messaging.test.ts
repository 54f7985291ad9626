/** What server, agents and broker owe each other when one of them goes away and comes back. */
import { startHall, type RunningHall } from '@hall/proof';
import { afterEach, describe, expect, test, vi } from 'vitest';

const within = { timeout: 15_000 };
let hall: RunningHall;
afterEach(() => hall?.close());

/** What is read on the strip of a window. */
const strip = (window: string) => () => hall.shown(window);
const presence = () => hall.server.services.agents.list()[0]?.presence;
const welcomed = () => vi.waitFor(() => expect(hall.agents.get('agent-a')?.state().uplink).toBe('welcomed'), within);

/** A hall in which A001 is called at w01. */
async function begin(options: Parameters<typeof startHall>[0] = {}): Promise<void> {
  hall = await startHall({ windows: 2, ...options });
  const reply = await hall.feed.send([
    hall.feed.event('window.opened', 'made-w01', { window: 'w01' }),
    hall.feed.called('w01', 'A001'),
  ]);
  expect(reply.body.accepted).toBe(2);
  await expect.poll(strip('w01'), within).toContain('A001');
}

describe('a restart', () => {
  test('of the server: what was accepted is still there, the strips stay right, and the next call arrives', async () => {
    await begin();
    await hall.stopServer();
    expect(hall.shown('w01')).toContain('A001');
    await hall.startServer();
    expect(hall.server.services.live.windows().get('w01')?.field.value).toMatchObject({ ticket: 'A001' });
    expect(hall.server.services.facts.list({ type: 'ticket.called' })).toHaveLength(1);
    await hall.feed.send(hall.feed.called('w01', 'A002'));
    await expect.poll(strip('w01'), within).toContain('A002');
  });

  test('of the agent: the same installation comes back, with nothing lost from its outbox', async () => {
    await begin();
    const before = hall.agents.get('agent-a')?.state();
    await hall.stopAgent('agent-a');
    await expect.poll(presence, within).toBe('stopped');
    await hall.feed.send(hall.feed.called('w01', 'A002'));
    const began = performance.now();
    const agent = await hall.startAgent('agent-a');
    await expect.poll(strip('w01'), within).toContain('A002');
    expect(performance.now() - began).toBeLessThan(3000);
    await vi.waitFor(() => expect(agent.state().outbox.tail).toBe(0), within);
    expect(agent.state()).toMatchObject({ installId: before?.installId });
    expect(agent.state().epoch).not.toBe(before?.epoch);
    const edge = hall.server.services.facts.list({ limit: 200 }).filter(({ source }) => source.includes('/agent/'));
    const seqs = edge.map(({ id }) => id);
    expect(new Set(seqs).size).toBe(seqs.length);
    expect(edge.filter(({ type }) => type === 'edge.agent.started' || type === 'agent.started')).toHaveLength(2);
  });
});

describe('the end of an agent has three names', () => {
  test('stopped, when it was told to stop', async () => {
    await begin();
    await expect.poll(presence, within).toBe('online');
    await hall.stopAgent('agent-a');
    await expect.poll(presence, within).toBe('stopped');
  });

  test('lost, when nothing is heard of it any more; and online again when it is', async () => {
    await begin();
    hall.cables.get('agent-a')?.unplug(true);
    await expect.poll(presence, within).toBe('lost');
    hall.cables.get('agent-a')?.unplug(false);
    await expect.poll(presence, within).toBe('online');
  });

  test('lost, when its line falls silent without a word, and online again when it is heard', async () => {
    await begin();
    await expect.poll(presence, within).toBe('online');
    const cable = hall.cables.get('agent-a');
    cable?.faults.set('both', { lost: true });
    await expect.poll(presence, { timeout: 60_000 }).toBe('lost');
    expect(hall.server.services.devices.get('strip-w01')?.difference).toContain('agent');
    cable?.faults.clear();
    cable?.reset();
    await expect.poll(presence, { timeout: 60_000 }).toBe('online');
  });

  test('fenced, for a second one under the same name; the first goes on', async () => {
    await begin();
    const second = await hall.startAgent('agent-a', 'agent-a-copy');
    await vi.waitFor(() => expect(second.state().uplink).toBe('fenced'), within);
    expect(second.state().devices).toEqual({});
    await second.close();
    await welcomed();
    await hall.feed.send(hall.feed.called('w01', 'A002'));
    await expect.poll(strip('w01'), within).toContain('A002');
  });
});

describe('what was missed', () => {
  test('while the line was cut is made up for: only the newest call is drawn', async () => {
    await begin();
    const seen = new Set<string>();
    hall.strips.get('strip-w01')?.simulator.onChange(() => seen.add(hall.shown('w01')));
    hall.cables.get('agent-a')?.unplug(true);
    for (const ticket of ['A002', 'A003', 'A004']) await hall.feed.send(hall.feed.called('w01', ticket));
    hall.cables.get('agent-a')?.unplug(false);
    await expect.poll(strip('w01'), within).toContain('A004');
    expect([...seen].filter((text) => /A00[23]/.test(text))).toEqual([]);
  });

  test('by the platform is noticed as a gap, and a snapshot of its state puts it right', async () => {
    await begin();
    const late = hall.feed.event('ticket.recalled', 'made-A001', { ticket: 'A001', window: 'w01' }, { sequence: '7' });
    const reply = await hall.feed.send(late);
    expect(reply.body.outcomes).toMatchObject([{ outcome: 'accepted', flag: 'gap' }]);
    const time = new Date(hall.clock.hall.nowMs()).toISOString();
    const [service = ''] = hall.content.windows[1]?.services ?? [];
    const called = { issuedAt: time, calledAt: time, callNumber: 1 };
    const done = await hall.feed.snapshot({
      tickets: [{ subject: 's-1', sequence: 9, ticket: 'B009', service, state: 'called', window: 'w02', ...called }],
      windows: [
        { subject: 'made-w01', sequence: 5, window: 'w01', state: 'open' },
        { subject: 'made-w02', sequence: 5, window: 'w02', state: 'open' },
      ],
    });
    expect(done.status).toBe(202);
    await expect.poll(strip('w02'), within).toContain('B009');
    await vi.waitFor(() => expect(hall.shown('w01')).not.toContain('A001'), within);
  });
});

test('a strip that is moved to another window shows that window within 2 s, and names changed are names shown', async () => {
  await begin();
  await hall.feed.send([hall.feed.event('window.opened', 'made-w02', { window: 'w02' }), hall.feed.called('w02', 'B001')]);
  await expect.poll(strip('w02'), within).toContain('B001');
  const devices = hall.content.devices.map((device) =>
    device.id === 'strip-w01' && device.screen ? { ...device, screen: { ...device.screen, window: 'w02' } } : device,
  );
  const began = performance.now();
  await hall.server.services.content.replace({ by: 'test', address: '127.0.0.1' }, { ...hall.content, devices });
  await expect.poll(strip('w01'), within).toContain('B001');
  expect(performance.now() - began).toBeLessThan(2000);
  const windows = hall.content.windows.map((window) => (window.id === 'w02' ? { ...window, number: '88' } : window));
  await hall.server.services.content.replace({ by: 'test', address: '127.0.0.1' }, { ...hall.content, windows, devices });
  await expect.poll(strip('w02'), within).toContain('88');
  await expect.poll(strip('w01'), within).toContain('88');
});

test('a strip that is opened anew with other settings is believed at once, however much was said of it before', async () => {
  await begin();
  for (const ticket of Array.from({ length: 12 }, (_, n) => `B${String(n + 1).padStart(3, '0')}`)) {
    await hall.feed.send(hall.feed.called('w01', ticket));
    await expect.poll(strip('w01'), within).toContain(ticket);
  }
  const view = () => hall.server.services.devices.get('strip-w01');
  await vi.waitFor(() => expect(view()?.difference).toEqual([]), within);
  const before = view()?.desired;
  const devices = hall.content.devices.map((device) =>
    device.id === 'strip-w01' ? { ...device, settings: { ...device.settings, refreshS: 3 } } : device,
  );
  await hall.server.services.content.replace({ by: 'test', address: '127.0.0.1' }, { ...hall.content, devices });
  await vi.waitFor(() => {
    expect(view()).toMatchObject({ difference: [], reported: { link: 'online' } });
    expect(view()?.desired).not.toEqual(before);
    expect(view()?.applied).toEqual(view()?.desired);
  }, within);
});
