/** The whole way from the live fields to the glass, in the time of a fake clock: what may stand on a strip, and how long. */
import { duplexPair } from 'node:stream';
import { FakeClock, HallError } from '@hall/contracts';
import { createOnbonKSimulator } from '@hall/simulators';
import fc from 'fast-check';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { settingsFor, type Driver } from '../drivers/driver.ts';
import { onbonK, openCard } from '../drivers/onbon-k/driver.ts';
import { createBoards } from '../kiosk/boards.ts';
import { applyLease, applyLive, emptyLive, restoredLive, type LiveSet } from '../live/live-set.ts';
import { createHallTime } from '../time/hall-time.ts';
import { connectionOf } from '../transports/stream.ts';
import type { Connection } from '../transports/transport.ts';
import { GEN, stripDocument, tables, windowField } from './fixture.ts';
import { startDevice, type DeviceHost, type World } from './device-host.ts';

/** Two clocks go on by turns. */
const SLICE_MS = 100;
const TICKET = /[A-Z]\d{3}/;

/** A server that vouches, an agent and a card, with everything between them that can be cut. */
function createChain(maxAgeMs: number, leaseMs: number) {
  const clock = new FakeClock();
  // The card is a machine of its own: it goes on while the agent stands still.
  const cardClock = new FakeClock();
  const card = createOnbonKSimulator({ clock: cardClock });
  const wiring = { driver: onbonK.id, settings: { transport: 'tcp', host: '127.0.0.1' } };
  const over = new AbortController();
  let live: LiveSet = emptyLive(GEN);
  let seq = 0;
  let vouchedMs = Number.NEGATIVE_INFINITY;
  let uplink = true;
  let cable = true;
  let host: DeviceHost | undefined;

  /** Bytes that meet a cut cable are gone; nobody is told. */
  function plug(): Connection {
    const [near, far] = duplexPair();
    card.attach(far);
    const inner = connectionOf(near);
    return {
      ...inner,
      send: async (bytes) => {
        if (cable) await inner.send(bytes);
      },
      onBytes: (listener) =>
        inner.onBytes((bytes) => {
          if (cable) listener(bytes);
        }),
    };
  }
  const driver: Driver = {
    ...onbonK,
    open: async (_, context) => {
      if (!cable) throw new HallError('DEVICE_OFFLINE');
      return openCard(plug(), settingsFor(onbonK, wiring.settings), context);
    },
  };
  const boards = createBoards(clock);
  const startAgent = () => {
    const world: World = {
      clock,
      random: () => 0.5,
      log: pino({ level: 'silent' }),
      epoch: '00000000-0000-4000-8000-000000000000',
      hallTime: createHallTime(clock, undefined),
      boards,
      startedMs: clock.machine.nowMs(),
      driverOf: () => driver,
      live: () => live,
      tables: () => tables,
      overrides: () => [],
      blanked: () => false,
      append: () => {},
      report: async () => {},
    };
    host = startDevice(stripDocument(wiring, maxAgeMs), world);
  };
  const lease = () => {
    if (!uplink || !host) return;
    const nowMs = clock.machine.nowMs();
    live = applyLease(live, { gen: GEN, head: seq, fresh: true, hallTime: { hallMs: clock.hall.nowMs(), speed: 1 } }, nowMs).set;
    if (live.head === seq) vouchedMs = nowMs;
    host.lookIfStale();
  };
  async function leasing(): Promise<void> {
    while (!over.signal.aborted) {
      lease();
      await clock.machine.sleep(leaseMs, over.signal).catch(() => {});
    }
  }
  startAgent();
  void leasing();

  return {
    card,
    async advance(ms: number) {
      for (let leftMs = ms; leftMs > 0; leftMs -= SLICE_MS) {
        const slice = Math.min(SLICE_MS, leftMs);
        await clock.advance(slice);
        await cardClock.advance(slice);
      }
    },
    /** The process of the agent is stopped for so long and goes on. */
    async standStill(ms: number) {
      clock.standStill(ms);
      await cardClock.advance(ms);
      await clock.advance(0);
    },
    /** Machine time since the agent last heard that what it holds is right. */
    unvouchedMs: () => clock.machine.nowMs() - vouchedMs,
    steps: {
      call() {
        if (!uplink || !host) return;
        const nowMs = clock.machine.nowMs();
        const after = seq;
        seq += 1;
        const field = windowField(`A${String(seq % 1000).padStart(3, '0')}`, seq);
        const step = applyLive(live, { gen: GEN, after, head: seq, full: false, fields: [field] }, nowMs);
        live = step.set;
        vouchedMs = nowMs;
        host.lookIfBound(step.changed);
      },
      uplinkCut: () => void (uplink = false),
      uplinkWhole: () => void (uplink = true),
      cableCut: () => void (cable = false),
      cableWhole: () => void (cable = true),
      async kill() {
        const killed = host;
        host = undefined;
        await killed?.close();
      },
      start() {
        if (host) return;
        live = restoredLive(
          GEN,
          live.head,
          [...live.entries.values()].map(({ field }) => field),
        );
        startAgent();
      },
    },
    async close() {
      over.abort();
      await host?.close();
      card.close();
    },
  };
}
type Step = keyof ReturnType<typeof createChain>['steps'];

test('whatever is cut or killed, in whatever order: no number stands on the glass longer than its age after it was vouched for', async () => {
  const arbStep = fc.record({
    is: fc.constantFrom<Step>('call', 'call', 'uplinkCut', 'uplinkWhole', 'cableCut', 'cableWhole', 'kill', 'start'),
    stillMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 40_000 })),
    thenMs: fc.integer({ min: 0, max: 25_000 }),
  });
  const arbMaxAgeMs = fc.constantFrom(5000, 10_000, 30_000, 60_000);
  await fc.assert(
    fc.asyncProperty(arbMaxAgeMs, fc.array(arbStep, { maxLength: 12 }), async (maxAgeMs, steps) => {
      const chain = createChain(maxAgeMs, 5000);
      const stands = () => chain.card.texts().some((text) => TICKET.test(text));
      let longestMs = 0;
      const look = () => {
        if (stands()) longestMs = Math.max(longestMs, chain.unvouchedMs());
      };
      chain.card.onChange(look);
      chain.steps.call();
      for (const { is, stillMs, thenMs } of [...steps, { is: 'cableCut' as const, stillMs: 0, thenMs: maxAgeMs + 2000 }]) {
        await chain.steps[is]();
        await chain.standStill(stillMs);
        for (let leftMs = thenMs; leftMs > 0; leftMs -= 500) {
          await chain.advance(Math.min(500, leftMs));
          look();
        }
      }
      // The card counts whole seconds.
      expect(longestMs).toBeLessThanOrEqual(maxAgeMs + 1000);
      await chain.close();
    }),
    { numRuns: 40 },
  );
});

test('an agent that stood still until its number was too old does not bring it back for a moment when it goes on', async () => {
  const chain = createChain(30_000, 5000);
  chain.steps.call();
  await chain.advance(9000);
  chain.steps.uplinkCut();
  const seen: string[] = [];
  chain.card.onChange(() => seen.push(chain.card.texts().join()));
  await chain.standStill(40_000);
  await chain.advance(5000);
  expect(seen.filter((text) => TICKET.test(text))).toEqual([]);
  expect(chain.card.texts()).toContain('请以窗口叫号为准');
  await chain.close();
});

test('an agent that lost its server just before the cable of its strip is cut leaves no number beyond its age', async () => {
  const chain = createChain(30_000, 5000);
  chain.steps.call();
  await chain.advance(60_000);
  chain.steps.uplinkCut();
  await chain.advance(28_000);
  expect(chain.card.texts().join()).toMatch(TICKET);
  chain.steps.cableCut();
  await chain.advance(3000);
  expect(chain.card.texts()).toEqual(['请以窗口叫号为准']);
  await chain.close();
});

test('a number that is vouched for never leaves the glass by itself, however short its age', async () => {
  const arbMaxAgeMs = fc.integer({ min: 5000, max: 60_000 });
  await fc.assert(
    fc.asyncProperty(arbMaxAgeMs, fc.integer({ min: 500, max: 5000 }), async (maxAgeMs, leaseMs) => {
      const chain = createChain(maxAgeMs, Math.min(leaseMs, maxAgeMs / 3));
      chain.steps.call();
      await chain.advance(1000);
      const seen = new Set<string>();
      chain.card.onChange(() => seen.add(chain.card.texts().join()));
      await chain.advance(120_000);
      expect([...seen]).toEqual([expect.stringMatching(/A001/)]);
      await chain.close();
    }),
    { numRuns: 30 },
  );
});

test('the parts of a strip that is cut off vanish together, whichever of them changed last', async () => {
  const chain = createChain(30_000, 5000);
  chain.steps.call();
  await chain.advance(7000);
  chain.steps.call();
  await chain.advance(300);
  const whole = chain.card.texts();
  expect(whole.length).toBeGreaterThan(2);
  chain.steps.cableCut();
  const seen: string[][] = [];
  chain.card.onChange(() => seen.push([...chain.card.texts()]));
  await chain.advance(40_000);
  expect(seen).toEqual([['请以窗口叫号为准']]);
  await chain.close();
});
