import { duplexPair } from 'node:stream';
import { FakeClock, type HallError } from '@hall/contracts';
import { createOnbonKSimulator, type OnbonKOptions, type OnbonKSimulator } from '@hall/simulators';
import { onbonK as wire } from '@hall/wire';
import { describe, expect, onTestFinished, test } from 'vitest';
import { withGap } from '../../transports/serial.ts';
import { connectionOf } from '../../transports/stream.ts';
import { settingsFor } from '../driver.ts';
import { contextFor, orderOf } from '../fixture.ts';
import { onbonK, openCard } from './driver.ts';

const settings = settingsFor(onbonK, { transport: 'tcp', host: '127.0.0.1' });

async function setup(options: Partial<OnbonKOptions> = {}, line: 'network' | 'serial' = 'network') {
  const clock = new FakeClock();
  const card = createOnbonKSimulator({ clock, ...options });
  const [near, far] = duplexPair();
  card.attach(far, { line });
  const context = contextFor(clock);
  // A half-duplex line is deaf while it turns round.
  const connection = line === 'serial' ? withGap(connectionOf(near), 20, clock) : connectionOf(near);
  const [device] = await Promise.all([openCard(connection, settings, context), clock.advance(200)]);
  onTestFinished(async () => {
    await device.close();
    card.close();
  });
  const frames = () => card.state.log.filter(({ direction }) => direction === 'in').length;
  return { clock, card, context, device, frames };
}

test('opening sets the clock of the hall, turns the card on and sets its brightness', async () => {
  const { card } = await setup();
  expect(new Date(card.state.clockMs).toISOString()).toMatch(/^2026-11-23T10:20/);
  expect(card.state).toMatchObject({ on: true, brightness: 15 });
});

test('a first picture clears what an earlier session left; every later one is one frame, whole', async () => {
  const { card, device, context, frames } = await setup();
  expect(await device.show(orderOf('01', '办理中', 'A001'))).toBe('acknowledged');
  expect(card.texts()).toEqual(['01', '办理中', 'A001']);
  const before = frames();
  await device.show(orderOf('01', '办理中', 'A002'));
  expect(card.texts()).toEqual(['01', '办理中', 'A002']);
  expect(frames() - before).toBe(1);
  expect(context.counters['areas']).toBe(6);
  await device.show(orderOf('01'));
  expect(card.texts()).toEqual(['01']);
});

test('a larger picture is sent in several frames whose areas still vanish within a second', async () => {
  const { card, clock, device } = await setup({ maxAreas: 32, widthPx: 32 * 48 });
  card.faults.slowMs = 700;
  const shown = device.show(orderOf(...Array.from({ length: 30 }, (_, at) => `${at}`.padEnd(100, '号'))));
  await clock.advance(5000);
  await shown;
  const times = card.state.areas.map(({ vanishesMs = 0 }) => vanishesMs);
  expect(times).toHaveLength(30);
  expect(Math.max(...times) - Math.min(...times)).toBeLessThan(1000);
});

test('the card is given what is left of the time the server vouches for, never more; what is too old it is not given', async () => {
  const { card, clock, device, frames } = await setup();
  const given = () => new Set(card.state.areas.map(({ sent }) => sent.timeoutS));
  const left = async (ms: number | undefined) => {
    const untilMs = ms === undefined ? undefined : clock.machine.nowMs() + ms;
    await device.show({ ...orderOf('01', 'A001'), vouchedUntilMs: () => untilMs });
    return [...given()];
  };
  expect(await left(undefined)).toEqual([30]);
  expect(await left(25_300)).toEqual([26]);
  expect(await left(90_000)).toEqual([30]);
  expect(await left(1)).toEqual([1]);
  const before = frames();
  expect(await device.show({ ...orderOf('01', 'A002'), vouchedUntilMs: () => clock.machine.nowMs() })).toBe('none');
  expect(frames()).toBe(before);
  expect(card.texts()).toEqual(['01', 'A001']);
});

test('a picture that is vouched for again at the last moment is refreshed before the card gives up', async () => {
  const { card, clock, device } = await setup();
  let untilMs = clock.machine.nowMs() + 6000;
  await device.show({ ...orderOf('A001'), vouchedUntilMs: () => untilMs });
  await clock.advance(3500);
  untilMs += 30_000;
  await clock.advance(4000);
  expect(card.texts()).toEqual(['A001']);
});

test('a card is darkened before its picture goes and lit when the next is there, and says so when it is asked', async () => {
  const { card, clock, device } = await setup();
  await device.show(orderOf('01', 'A001'));
  const seen: string[] = [];
  card.onChange(() => seen.push(`${card.state.on ? 'on' : 'off'} ${card.texts().join(' ')}`.trim()));
  await device.show({ ...orderOf(), panel: { on: false, brightness: 40 } });
  expect(card.state).toMatchObject({ on: false, brightness: 6 });
  expect(await device.look?.()).toMatchObject({ on: false, brightness: 40 });
  await clock.advance(60_000);
  expect(card.state.on).toBe(false);
  await device.show(orderOf('01', 'A002'));
  expect(card.state).toMatchObject({ on: true, brightness: 15 });
  expect(new Set(seen)).toEqual(new Set(['off', 'on 01 A002']));
  expect(device.read()).toEqual({ on: true, brightness: 15, areas: 2 });
});

test('a card that is opened while it is to be dark stays dark', async () => {
  const { card, clock, context, device } = await setup();
  await device.show({ ...orderOf(), panel: { on: false } });
  await device.close();
  const [near, far] = duplexPair();
  card.attach(far, { line: 'network' });
  const lit: boolean[] = [];
  card.onChange(() => lit.push(card.state.on));
  const dark = { ...context, panel: () => ({ on: false }) };
  const [again] = await Promise.all([openCard(connectionOf(near), settings, dark), clock.advance(200)]);
  await again.show({ ...orderOf(), panel: { on: false } });
  await again.close();
  expect(lit).not.toContain(true);
});

test('a clock that has drifted is set on command; a card that refuses says so and closes', async () => {
  const { card, device } = await setup();
  expect(await device.act?.('clock_set')).toMatchObject({ level: 'acknowledged', reading: { on: true, seen: { areas: 0 } } });
  await expect(device.act?.('restart')).rejects.toMatchObject({ code: 'ACT_UNSUPPORTED' });
  card.faults.nakStorm = 3;
  await expect(device.show({ ...orderOf('01'), panel: { on: false } })).rejects.toMatchObject({ code: 'DEVICE_REFUSED' });
});

test('calls never write the flash of the card', async () => {
  const { card, device, context } = await setup();
  for (let ticket = 0; ticket < 50; ticket += 1) await device.show(orderOf(`A${ticket}`));
  expect(card.state.flashWrites).toBe(0);
  expect(context.counters['flashWrites']).toBe(0);
});

test('everything is sent again every ten seconds, so that the text outlives its time-out only while somebody vouches for it', async () => {
  const { card, clock, device, context } = await setup();
  await device.show(orderOf('A001'));
  await clock.advance(120_000);
  expect(card.texts()).toEqual(['A001']);
  expect(context.counters['refreshes']).toBe(12);
  await device.close();
  await clock.advance(31_000);
  expect(card.texts()).toEqual(['请以窗口叫号为准']);
});

test('a card that lost its power for less than a heartbeat, on a line that tells nothing, has its areas back within 30 s', async () => {
  const { card, clock, device } = await setup({}, 'serial');
  await clock.advance(100);
  await device.show(orderOf('A001'));
  card.power(false);
  card.power(true);
  expect(card.texts()).toEqual(['请以窗口叫号为准']);
  await clock.advance(30_000);
  expect(card.texts()).toEqual(['A001']);
});

test('a silent card is noticed within 5 s by the heartbeat, and the device closes with the reason', async () => {
  const { card, clock, device } = await setup();
  await device.show(orderOf('A001'));
  card.faults.silence = true;
  await clock.advance(5000);
  await expect(device.closed).resolves.toMatchObject({ code: 'DEVICE_TIMEOUT' });
});

test('the end of an agent does not wait for a silent card that is being opened', async () => {
  const clock = new FakeClock();
  const [near] = duplexPair();
  const over = new AbortController();
  const opening = openCard(connectionOf(near), settings, contextFor(clock, over.signal));
  const outcome = opening.catch((error: unknown) => error);
  over.abort();
  await expect(outcome).resolves.toMatchObject({ code: 'DEVICE_OFFLINE' });
});

test('a refusal is an error with the number and the word of the card', async () => {
  const { card, device, context } = await setup();
  card.faults.nakStorm = 3;
  await expect(device.show(orderOf('A001'))).rejects.toMatchObject({
    code: 'DEVICE_REFUSED',
    details: { command: 'dynamic_areas', error: 3, word: 'busy' },
  });
  expect(context.counters['nacks']).toBe(1);
});

test('an answer of another card is not taken for ours', async () => {
  const { card, device } = await setup();
  card.faults.answerAs = 7;
  await expect(device.show(orderOf('A001'))).rejects.toMatchObject({
    code: 'DEVICE_OTHER',
    details: { what: 'screenNumber', expected: 1, found: 7 },
  });
});

describe('a card that is another one than the settings mean', () => {
  /** What the card was told, and how the opening ended. */
  async function open(card: OnbonKSimulator, clock: FakeClock, more: object) {
    const [near, far] = duplexPair();
    card.attach(far, { line: 'network' });
    const opening = openCard(connectionOf(near), { ...settings, ...more }, contextFor(clock)).catch((error: unknown) => error);
    await clock.advance(200);
    const outcome = await opening;
    const told = card.state.log.filter(({ direction }) => direction === 'in').map(({ describe: { fields } }) => fields['kind']);
    if (outcome instanceof Error) return { error: outcome as HallError, told };
    await (outcome as Awaited<ReturnType<typeof openCard>>).close();
    return { error: undefined, told };
  }
  const other = onbonK.models.filter((name) => name !== 'BX-6K1').map((name) => [name] as const);

  test.each([
    ['by its number', { answerAs: 9 }, { what: 'screenNumber', expected: 1, found: 9 }],
    ['by its model', { answerAsType: wire.deviceTypes['5K1'] }, { what: 'model', expected: 'BX-6K1', found: 'BX-5K1' }],
  ])('%s, is asked who it is and not one byte is written to it', async (_, fault, details) => {
    const clock = new FakeClock();
    const card = createOnbonKSimulator({ clock, deviceType: wire.deviceTypes['6K1'] });
    onTestFinished(card.close);
    Object.assign(card.faults, fault);
    const { error, told } = await open(card, clock, { model: 'BX-6K1' });
    expect(error).toMatchObject({ code: 'DEVICE_OTHER', details });
    expect(told).toEqual(['ping']);
    expect(card.state).toMatchObject({ areas: [], flashWrites: 0 });
    expect(card.state.clockMs).toBeLessThan(Date.UTC(2001, 0, 1));
    expect(card.texts()).toEqual(['请以窗口叫号为准']);
  });

  test('is found out in the middle too, and told nothing more', async () => {
    const { card, clock, device, frames } = await setup({ deviceType: wire.deviceTypes['6K1'] });
    await device.show(orderOf('A001'));
    card.faults.answerAs = 9;
    const before = frames();
    await clock.advance(2100);
    await expect(device.closed).resolves.toMatchObject({ code: 'DEVICE_OTHER' });
    await expect(device.show(orderOf('A002'))).rejects.toMatchObject({ code: 'DEVICE_OFFLINE' });
    expect(frames() - before).toBe(1);
    expect(card.texts()).toEqual(['A001']);
  });

  test('cannot be told apart by its model where cards name none', async () => {
    const clock = new FakeClock();
    const card = createOnbonKSimulator({ clock });
    onTestFinished(card.close);
    const { error, told } = await open(card, clock, { model: 'BX-6K1' });
    expect(error).toBeUndefined();
    expect(told).toEqual(['ping', 'set_clock', 'power', 'brightness']);
  });

  test.each(other)('every model the driver names can be expected: %s', (model) => {
    expect(settingsFor(onbonK, { transport: 'tcp', host: '127.0.0.1', model })).toMatchObject({ model });
  });
});

test('one’s own question coming back on a badly wired line is not an answer', async () => {
  const { card, device, context } = await setup();
  card.faults.echo = true;
  await device.show(orderOf('A001'));
  expect(card.texts()).toEqual(['A001']);
  expect(context.counters['unexpected']).toBeGreaterThan(0);
});

test('answers that come byte by byte are answers', async () => {
  const { card, device } = await setup();
  card.faults.split = true;
  await expect(device.show(orderOf('A001'))).resolves.toBe('acknowledged');
});

test('characters the card cannot draw are replaced by name, and a backslash cannot start an escape', async () => {
  const { card, device, context } = await setup();
  await device.show(orderOf('𠮷田', 'a\\C2b'));
  expect(card.texts()).toEqual(['〓田', 'a＼C2b']);
  expect(context.replaced).toEqual([
    { text: '𠮷田', replaced: [{ char: '𠮷', by: '〓' }] },
    { text: 'a\\C2b', replaced: [{ char: '\\', by: '＼' }] },
  ]);
});

test('a picture larger than a frame is sent in several', async () => {
  const { card, device } = await setup({ maxAreas: 32, widthPx: 32 * 48 });
  const texts = Array.from({ length: 30 }, (_, at) => `${at}`.padEnd(100, '号'));
  await device.show(orderOf(...texts));
  expect(card.state.areas.length).toBe(30);
});

test('a refresh that waits behind a new picture says the new one', async () => {
  const { card, clock, device } = await setup();
  await device.show(orderOf('A001'));
  card.faults.slowMs = 1000;
  const shown = device.show(orderOf('A002'));
  await clock.advance(12_000);
  await shown;
  expect(card.texts()).toEqual(['A002']);
});
