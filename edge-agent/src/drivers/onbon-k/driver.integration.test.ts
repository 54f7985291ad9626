/** The same behaviour over a network and over a serial line: real sockets, real pseudo-terminals, real time. */
import { performance } from 'node:perf_hooks';
import { systemClock } from '@hall/contracts';
import { createOnbonKSimulator, listenTcp, openPty, type OnbonKSimulator } from '@hall/simulators';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { startRunner, type Outcome } from '../../devices/device-runner.ts';
import type { Order } from '../driver.ts';
import { contextFor, orderOf } from '../fixture.ts';
import { onbonK } from './driver.ts';

const clock = systemClock();
const within = { timeout: 15_000, interval: 5 };

interface Line {
  readonly settings: Record<string, unknown>;
  unplug(): void;
  replug(): void;
  close(): unknown;
}

const lines: ReadonlyArray<{ name: string; plug(card: OnbonKSimulator): Promise<Line> }> = [
  {
    name: 'tcp',
    async plug(card) {
      const tcp = await listenTcp(card);
      return {
        settings: { transport: 'tcp', host: tcp.host, port: tcp.port },
        unplug: () => {
          tcp.refuse(true);
          tcp.drop();
        },
        replug: () => tcp.refuse(false),
        close: () => tcp.close(),
      };
    },
  },
  {
    name: 'serial',
    async plug(card) {
      const pty = openPty(card, { clock, baud: 57_600 });
      return {
        settings: { transport: 'serial', path: pty.path },
        unplug: () => pty.unplug(),
        replug: () => pty.replug(),
        close: () => pty.close(),
      };
    },
  },
];

async function setup(plug: (card: OnbonKSimulator) => Promise<Line>) {
  const card = createOnbonKSimulator({ clock });
  const line = await plug(card);
  const over = new AbortController();
  const context = contextFor(clock, over.signal);
  const links: string[] = [];
  const codes: string[] = [];
  const told: Outcome[] = [];
  let newest: Order | undefined;
  const runner = startRunner(
    onbonK,
    line.settings,
    context,
    {
      onLink: (link, cause) => {
        links.push(link.at);
        if (cause) codes.push(cause.code);
      },
      onTold: (outcome) => told.push(outcome),
      newest: () => newest,
    },
    { clock, signal: over.signal, random: Math.random },
  );
  onTestFinished(async () => {
    over.abort();
    await runner.ended;
    card.close();
    await line.close();
  });
  const give = (order: Order) => {
    newest = order;
    runner.wake();
  };
  return { card, line, context, give, links, codes, told };
}

/** Milliseconds until the condition holds. */
async function timeUntil(condition: () => void): Promise<number> {
  const from = performance.now();
  await vi.waitFor(condition, within);
  return performance.now() - from;
}

describe.each(lines)('$name', ({ plug }) => {
  test('a picture is shown and acknowledged', async () => {
    const { card, give, told } = await setup(plug);
    give(orderOf('01', '办理中', 'A001'));
    await vi.waitFor(() => expect(told.at(-1)).toMatchObject({ level: 'acknowledged' }), within);
    expect(card.texts()).toEqual(['01', '办理中', 'A001']);
    expect(card.state.flashWrites).toBe(0);
  });

  test('an unplugged strip is noticed within 5 s and has its whole picture back within 2 s of its return', async () => {
    const { card, line, give, links } = await setup(plug);
    give(orderOf('01', 'A001'));
    await vi.waitFor(() => expect(card.texts()).toEqual(['01', 'A001']), within);
    line.unplug();
    expect(await timeUntil(() => expect(links).toContain('offline'))).toBeLessThan(5000);
    give(orderOf('01', 'A002'));
    give(orderOf('01', 'A003'));
    // Long enough for the waits between tries to have grown.
    await vi.waitFor(() => expect(links.filter((at) => at === 'opening').length).toBeGreaterThan(4), within);
    line.replug();
    expect(await timeUntil(() => expect(card.texts()).toEqual(['01', 'A003']))).toBeLessThan(2000);
  });

  test('a card that lost its power has its areas back within 5 s of its return', async () => {
    const { card, give } = await setup(plug);
    give(orderOf('01', 'A001'));
    await vi.waitFor(() => expect(card.texts()).toEqual(['01', 'A001']), within);
    await card.restart(3000);
    expect(card.state.areas.length).toBe(0);
    expect(await timeUntil(() => expect(card.texts()).toEqual(['01', 'A001']))).toBeLessThan(5000);
  });

  test('a slow card gets the newest picture; those between are never sent', async () => {
    const { card, give, told } = await setup(plug);
    give(orderOf('A000'));
    await vi.waitFor(() => expect(told.length).toBe(1), within);
    card.faults.slowMs = 300;
    for (let ticket = 1; ticket <= 20; ticket += 1) give(orderOf(`A${String(ticket).padStart(3, '0')}`));
    await vi.waitFor(() => expect(told.at(-1)?.order.text).toEqual(['A020']), within);
    expect(told.map(({ order }) => order.text[0])).toEqual(['A000', 'A020']);
  });

  test('a storm of refusals ends the link, is counted, and the newest picture follows when it is over', async () => {
    const { card, give, codes, context } = await setup(plug);
    give(orderOf('A001'));
    await vi.waitFor(() => expect(card.texts()).toEqual(['A001']), within);
    card.faults.nakStorm = 3;
    give(orderOf('A002'));
    await vi.waitFor(() => expect(codes).toContain('DEVICE_REFUSED'), within);
    card.faults.nakStorm = undefined;
    await vi.waitFor(() => expect(card.texts()).toEqual(['A002']), within);
    expect(context.counters['nacks']).toBeGreaterThan(0);
  });

  test('answers cut in the middle cost a reconnect, not the picture', async () => {
    const { card, give } = await setup(plug);
    give(orderOf('A001'));
    await vi.waitFor(() => expect(card.texts()).toEqual(['A001']), within);
    card.faults.corruptAnswers = 0.3;
    give(orderOf('A002'));
    await vi.waitFor(() => expect(card.texts()).toEqual(['A002']), within);
    card.faults.clear();
    give(orderOf('A003'));
    await vi.waitFor(() => expect(card.texts()).toEqual(['A003']), within);
  });
});
