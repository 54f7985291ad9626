/** The life of commands at the agent, over a real store; devices are stand-ins whose answers the test gives. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { HallError, systemClock, type Command, type Payload } from '@hall/contracts';
import { pino } from 'pino';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { DeviceHost } from '../devices/device-host.ts';
import { stripDocument } from '../devices/fixture.ts';
import { defaultLimits } from '../outbox/limits.ts';
import { panelOf } from '../screens/overlay.ts';
import { createOverrides } from '../screens/overrides.ts';
import { openStore } from '../store/store.ts';
import { createHallTime } from '../time/hall-time.ts';
import { createLog } from './log-ring.ts';
import { createCommands, type CommandsOptions } from './runner.ts';

const log = pino({ level: 'silent' });
const clock = systemClock();
const within = { timeout: 15_000 };
type Progress = Payload<'commandState'>;

const folder = () => {
  const made = mkdtempSync(path.join(tmpdir(), 'hall-commands-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
};

/** A device that takes every picture unless `fail` is set, and does acts as it is told. */
interface StandIn {
  open: boolean;
  fail?: HallError;
  act: () => Promise<{ level: 'acknowledged'; reading: object }>;
  acts: number;
  looks: number;
  wake: () => void;
}
const standIn = (): StandIn => ({
  open: true,
  act: async () => ({ level: 'acknowledged', reading: {} }),
  acts: 0,
  looks: 0,
  wake: () => {},
});

/** One run of an agent over the store in a folder. */
async function begin(data: string, strip = standIn(), more: Partial<CommandsOptions> = {}) {
  const store = await openStore(data, log);
  const remembered = await store.call('remember');
  const overrides = createOverrides(remembered.overrides, store, { clock, log });
  const told: Progress[] = [];
  const epoch = randomUUID();
  const host = {
    document: stripDocument({ driver: 'onbon-k', settings: {} }),
    look: () => void (strip.looks += 1),
    commands: {
      get isOpen() {
        return strip.open;
      },
      whenOpen: () =>
        new Promise<void>((resolve) => {
          strip.wake = resolve;
        }),
      confirmed: async (wanted: (panel: ReturnType<typeof panelOf>) => boolean) => {
        if (strip.fail) throw strip.fail;
        const panel = panelOf(overrides.of('strip-1'));
        if (!wanted(panel)) throw new HallError('DEVICE_TIMEOUT');
        return { order: { panel, hash: 'h' }, level: 'acknowledged' };
      },
      look: async () => undefined,
      act: () => {
        strip.acts += 1;
        return strip.act();
      },
    },
  } as unknown as DeviceHost;
  const commands = createCommands(
    {
      epoch,
      version: '1',
      store,
      limits: defaultLimits,
      remembered: remembered.commands,
      hallTime: createHallTime(clock),
      overrides,
      hosts: () => new Map([['strip-1', host]]),
      can: (_, { act }) => act !== 'restart',
      publish: (progress) => told.push(progress),
      recorded: () => {},
      count: () => {},
      ...more,
    },
    clock,
    log,
  );
  let closed: Promise<void> | undefined;
  const close = async () => {
    closed ??= (async () => {
      strip.wake();
      await commands.close();
      await overrides.close();
      await store.close();
    })();
    return closed;
  };
  onTestFinished(close);
  commands.welcomed();
  const states = (id: string) => told.filter((one) => one.id === id).map(({ state }) => state);
  const end = async (id: string) => {
    await vi.waitFor(() => expect(states(id)).toContain('ended'), within);
    return told.findLast((one) => one.id === id && one.end)?.end;
  };
  const records = async () =>
    (await store.call('outboxRead', { after: 0, limit: 100 })).filter(({ type }) => type === 'command.ended');
  return { commands, store, overrides, told, states, end, records, close, epoch, strip };
}

const command = (more: Partial<Command> = {}): Command => ({
  id: randomUUID(),
  act: 'identify',
  device: 'strip-1',
  arguments: { seconds: 60 },
  remainingMs: 10_000,
  sentAt: clock.hall.nowMs(),
  ...more,
});

test('a command is noted, begun, done, and its record stands in the outbox', async () => {
  const { commands, states, end, records, overrides } = await begin(folder());
  const given = command();
  commands.take(given);
  expect(await end(given.id)).toMatchObject({ outcome: 'applied', level: 'acknowledged' });
  expect(states(given.id)).toEqual(['persisted', 'begun', 'ended']);
  expect(await records()).toMatchObject([{ device: 'strip-1', data: { id: given.id, act: 'identify', outcome: 'applied' } }]);
  expect(overrides.of('strip-1')).toMatchObject([{ kind: 'identify', command: given.id }]);
});

test('what comes again, at once or after the end or in the next run, is answered and done once', async () => {
  const data = folder();
  const first = await begin(data);
  const given = command({ act: 'clock_set', arguments: {} });
  for (let time = 0; time < 5; time += 1) first.commands.take(given);
  const end = await first.end(given.id);
  first.commands.take(given);
  await vi.waitFor(() => expect(first.states(given.id).filter((state) => state === 'ended')).toHaveLength(2), within);
  await first.close();
  const second = await begin(data, first.strip);
  second.commands.take(given);
  expect(await second.end(given.id)).toEqual(end);
  expect(first.strip.acts).toBe(1);
  expect(await second.records()).toHaveLength(1);
});

test.each([
  ['has nothing left', { remainingMs: 0 }],
  ['was held up on its way', { remainingMs: 5000, sentAt: clock.hall.nowMs() - 6000 }],
])('one that %s is dropped, and that is its end', async (_, late) => {
  const { commands, end, strip, records } = await begin(folder());
  const given = command({ act: 'clock_set', arguments: {}, ...late });
  commands.take(given);
  expect(await end(given.id)).toEqual({ outcome: 'expired', code: 'COMMAND_LATE' });
  expect(strip.acts).toBe(0);
  expect(await records()).toHaveLength(1);
});

test('a device that is away is waited for until the deadline, and gets the command if it comes back before', async () => {
  const strip = { ...standIn(), open: false };
  const { commands, end } = await begin(folder(), strip);
  const [late, early] = [command({ remainingMs: 100 }), command()];
  commands.take(late);
  expect(await end(late.id)).toEqual({ outcome: 'expired', code: 'DEVICE_OFFLINE' });
  commands.take(early);
  strip.open = true;
  strip.wake();
  expect(await end(early.id)).toMatchObject({ outcome: 'applied' });
});

test('what has not begun can be cancelled, also before it was heard of; what has begun cannot', async () => {
  const strip = { ...standIn(), open: false };
  const { commands, end, states } = await begin(folder(), strip);
  const [waiting, unheard] = [command(), command()];
  commands.take(waiting);
  await vi.waitFor(() => expect(states(waiting.id)).toEqual(['persisted']), within);
  commands.take({ ...waiting, cancel: true });
  commands.take({ ...unheard, cancel: true });
  expect(await end(waiting.id)).toEqual({ outcome: 'cancelled' });
  commands.take(unheard);
  expect(await end(unheard.id)).toEqual({ outcome: 'cancelled' });
  strip.open = true;
  let done = () => {};
  strip.act = () =>
    new Promise((resolve) => {
      done = () => resolve({ level: 'acknowledged', reading: {} });
    });
  const begun = command({ act: 'clock_set', arguments: {} });
  commands.take(begun);
  await vi.waitFor(() => expect(states(begun.id)).toContain('begun'), within);
  commands.take({ ...begun, cancel: true });
  done();
  expect(await end(begun.id)).toMatchObject({ outcome: 'applied' });
});

test('a device that says no: refused, and what stood over its plan before stands there again', async () => {
  const { commands, end, overrides, strip } = await begin(folder());
  const [dim, dark] = [
    command({ act: 'brightness', arguments: { percent: 40 } }),
    command({ act: 'black', arguments: { on: true } }),
  ];
  commands.take(dim);
  await end(dim.id);
  strip.fail = new HallError('DEVICE_REFUSED');
  commands.take(dark);
  expect(await end(dark.id)).toMatchObject({ outcome: 'refused', code: 'DEVICE_REFUSED', evidence: { before: { on: false } } });
  expect(overrides.of('strip-1')).toMatchObject([{ kind: 'brightness', percent: 40 }]);
});

test.each([
  ['an act of another kind of device', { act: 'restart' as const, arguments: {} }, 'ACT_UNSUPPORTED'],
  ['an act without its arguments', { act: 'black' as const, arguments: {} }, 'INPUT_INVALID'],
  ['a device it does not run', { device: 'strip-9' }, 'NOT_FOUND'],
])('%s is refused', async (_, more, code) => {
  const { commands, end } = await begin(folder());
  const given = command(more);
  commands.take(given);
  expect(await end(given.id)).toEqual({ outcome: 'refused', code });
});

test('the newest log lines are the result of fetching them', async () => {
  const { log: own, ring: logs } = createLog('info', new PassThrough().resume());
  own.info('one');
  own.info('two');
  const { commands, end } = await begin(folder(), standIn(), { logs });
  const given: Command = { ...command({ act: 'logs_fetch', arguments: { lines: 1 } }) };
  delete given.device;
  commands.take(given);
  expect(await end(given.id)).toMatchObject({ outcome: 'applied', evidence: { lines: [expect.stringContaining('two')] } });
});

/** Closes a run while a command is between its intent and its record. */
async function brokenOff(given: Command, more: Partial<CommandsOptions> = {}) {
  const data = folder();
  const first = await begin(data, standIn(), more);
  let fail: (error: Error) => void = () => {};
  first.strip.act = () =>
    new Promise((_, reject) => {
      fail = reject;
    });
  first.commands.take(given);
  await vi.waitFor(() => expect(first.states(given.id)).toContain('begun'), within);
  const closed = first.close();
  fail(new HallError('DEVICE_OFFLINE'));
  await closed;
  expect(first.states(given.id)).not.toContain('ended');
  return data;
}

test('an agent that was told to restart says in its next run that it has', async () => {
  const given: Command = { ...command({ act: 'restart', arguments: {} }) };
  delete given.device;
  let restarts = 0;
  const restart = () => void (restarts += 1);
  const data = await brokenOff(given, { restart });
  const { end, epoch, records } = await begin(data, standIn(), { restart });
  expect(await end(given.id)).toEqual({ outcome: 'applied', level: 'read_back', evidence: { epoch, version: '1' } });
  expect(restarts).toBe(1);
  expect(await records()).toHaveLength(1);
});

test('an act that can be repeated is done again within its deadline, and unknown after it', async () => {
  const again = command({ act: 'clock_set', arguments: {} });
  const second = await begin(await brokenOff(again));
  expect(await second.end(again.id)).toMatchObject({ outcome: 'applied' });
  const late = command({ act: 'clock_set', arguments: {}, remainingMs: 4000 });
  const data = await brokenOff(late);
  await clock.machine.sleep(4000);
  const third = await begin(data);
  expect(await third.end(late.id)).toEqual({ outcome: 'unknown', code: 'AGENT_RESTARTED' });
  expect(third.strip.acts).toBe(0);
});

test('a picture that was begun is looked for on the device, and taken back where nobody can tell', async () => {
  const given = command({ act: 'black', arguments: { on: true } });
  for (const outcome of ['applied', 'unknown']) {
    const data = folder();
    const first = await begin(data);
    // The intent and what stands over the plan are one transaction.
    await first.store.call('commandTake', {
      command: given,
      epoch: first.epoch,
      deadlineAt: clock.hall.nowMs() + 9000,
      nowMs: 0,
    });
    const over = first.overrides.stored('strip-1', [{ slot: 'black', kind: 'black', command: given.id }]);
    await first.store.call('commandBegin', { id: given.id, epoch: first.epoch, over });
    await first.store.close();
    const strip = standIn();
    if (outcome === 'unknown') strip.fail = new HallError('DEVICE_TIMEOUT');
    const second = await begin(data, strip);
    expect(await second.end(given.id)).toMatchObject({ outcome });
    expect(second.overrides.of('strip-1')).toHaveLength(outcome === 'applied' ? 1 : 0);
  }
});
