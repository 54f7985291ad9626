import { duplexPair } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FakeClock } from '@hall/contracts';
import { concat, fromHex, onbonK } from '@hall/wire';
import type { AttachOptions } from '../byte-link.ts';
import { createOnbonKSimulator, type OnbonKOptions } from './simulator.ts';
import { sampleArea } from './sample-area.ts';

const { addresses, encodeFrame, encodeRequest, toScreen } = onbonK;

/** A card and the computer's end of its wire. */
function setup(options: Omit<OnbonKOptions, 'clock'> = {}, how?: AttachOptions) {
  const clock = new FakeClock();
  const card = createOnbonKSimulator({ clock, ...options });
  const plug = () => {
    const [near, far] = duplexPair();
    const heard: Buffer[] = [];
    near.on('data', (bytes: Buffer) => void heard.push(bytes));
    near.on('error', () => undefined);
    card.attach(far, how);
    const replies = () => onbonK.scan(concat(...heard)).found.map((item) => ('frame' in item ? item.frame : undefined));
    return { near, far, heard, replies, words: () => replies().map((frame) => frame && onbonK.parseReply(frame.data)) };
  };
  const line = plug();
  return {
    clock,
    card,
    plug,
    ...line,
    /** Sends bytes and lets everything settle. */
    send: async (...frames: Uint8Array[]) => {
      line.near.write(concat(...frames));
      await clock.advance(0);
    },
  };
}
const ask = (request: onbonK.Request, to = 1, reply = true) => encodeFrame(toScreen(to, encodeRequest(request, { reply })));
const show = (text: string, more: Parameters<typeof sampleArea>[1] = {}) =>
  ask({ kind: 'dynamic_areas', processMode: 0, remove: [], areas: [sampleArea(0, { text, ...more })] });
const ping = ask({ kind: 'ping' });
const ack = { kind: 'ack' };
const nack = (error: onbonK.CardError) => ({ kind: 'nack', error: onbonK.cardErrors[error].number });
const damaged = (frame: Uint8Array) => frame.with(frame.length - 4, (frame.at(-4) ?? 0) ^ 0x11);

describe('answers', () => {
  test('a ping is acknowledged from the card to the sender, byte for byte as a real card does', async () => {
    const { send, heard } = setup();
    await send(ping);
    // Vector BXK-08.
    expect(Uint8Array.from(concat(...heard))).toEqual(
      fromHex('A5 A5 A5 A5 A5 A5 A5 A5 00 80 01 00 00 00 00 00 00 00 FE 02 05 00 A0 00 00 00 00 64 DC 5A'),
    );
  });

  test('a damaged frame is refused byte for byte as a real card does', async () => {
    const { send, heard } = setup();
    await send(damaged(ping));
    // Vector BXK-30.
    expect(Uint8Array.from(concat(...heard))).toEqual(
      fromHex('A5 A5 A5 A5 A5 A5 A5 A5 00 80 01 00 00 00 00 00 00 00 FE 02 05 00 A0 01 05 00 00 75 21 5A'),
    );
  });

  test.each([
    ['its own number', 7, 1],
    ['another number', 8, 0],
    ['everybody, with answers', addresses.broadcastWithReply, 1],
    ['everybody, without answers', addresses.broadcast, 0],
  ])('to %s', async (_, to, answers) => {
    const { send, replies } = setup({ address: 7 });
    await send(ask({ kind: 'ping' }, to));
    expect(replies()).toHaveLength(answers);
    expect(replies().every((frame) => frame?.source === 7)).toBe(true);
  });

  test('a broadcast without answers is obeyed, a frame for another card is not', async () => {
    const { send, card } = setup();
    await send(ask({ kind: 'brightness', mode: 'fixed', level: 3 }, 2));
    expect(card.state).toMatchObject({ brightness: 15, counters: { foreign: 1 } });
    await send(ask({ kind: 'brightness', mode: 'fixed', level: 3 }, addresses.broadcast));
    expect(card.state.brightness).toBe(3);
  });

  test('a request that wants no answer gets none, not even a refusal', async () => {
    const { send, replies, card } = setup();
    await send(ask({ kind: 'power', on: false }, 1, false), encodeFrame(toScreen(1, fromHex('A3 77 02 00 00'))));
    expect(replies()).toEqual([]);
    expect(card.state).toMatchObject({ on: false, counters: { refused: 1 } });
  });

  test.each<[string, Uint8Array, onbonK.CardError]>([
    ['an unknown group', encodeFrame(toScreen(1, fromHex('A9 00 01 00 00'))), 'group'],
    ['an unknown command', encodeFrame(toScreen(1, fromHex('A3 77 01 00 00'))), 'command'],
    // BXK-16 with its destination as captured: right outside, wrong inside.
    [
      'an inner length that is wrong',
      fromHex(
        'A5 A5 A5 A5 A5 A5 A5 A5 01 00 00 80 00 00 00 00 00 00 FE 02 4A 00 A3 06 01 2D 00 00 01 29 00 00 00 00 0C 00 20 01 30 00 00 00 00 02 00 00 00 00 02 02 03 00 04 00 26 00 00 00 5C 46 45 30 30 32 30 31 32 33 34 35 51 52 53 54 54 56 27 42 5C 46 4F 30 30 32 CE D2 C3 C7 CA C7 D2 BB BC D2 C8 CB C3 95 5A',
      ),
      'command',
    ],
    ['an area beyond the screen', show('A', { width: { px: 500 } }), 'download'],
    [
      'five areas on a card for four',
      ask({ kind: 'dynamic_areas', processMode: 0, remove: [], areas: [0, 1, 2, 3, 4].map((id) => sampleArea(id)) }),
      'memory',
    ],
  ])('%s is refused and changes nothing', async (_, frame, error) => {
    const { send, words, card } = setup();
    await send(show('A001'), frame);
    expect(words()).toEqual([ack, nack(error)]);
    expect(card.texts()).toEqual(['A001']);
  });

  test('frames in one chunk, split over chunks and among noise are all answered', async () => {
    const { send, words, card } = setup();
    const noisy = concat(fromHex('00 5A A6 5B'), ping, ping, fromHex('13'), ping);
    for (const byte of noisy) await send(Uint8Array.of(byte));
    await send(noisy);
    expect(words()).toEqual(Array(6).fill(ack));
    expect(card.state.counters).toMatchObject({ frames: 6, noiseBytes: 10 });
  });
});

test('whatever bytes arrive, the card stays usable and its screen keeps its size', async () => {
  const start = fc.constantFrom(new Uint8Array(), ping, show('A'), ping.slice(0, 20));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(start, fc.uint8Array({ maxLength: 80 })), { maxLength: 5 }), async (chunks) => {
      const { send, card, words } = setup();
      for (const [head, tail] of chunks) await send(head, tail);
      const before = words().length;
      await send(ping);
      expect(words().length).toBeGreaterThan(before);
      expect(card.picture().pixels).toHaveLength(192 * 32);
    }),
    { numRuns: 50 },
  );
});

describe('what is seen', () => {
  test('the stored programme, then the area, then dark when switched off', async () => {
    const { send, card } = setup();
    expect(card.texts()).toEqual(['请以窗口叫号为准']);
    await send(show('请A001'));
    expect(card.texts()).toEqual(['请A001']);
    expect(card.picture().pixels.some((pixel) => pixel === 1)).toBe(true);
    await send(ask({ kind: 'power', on: false }));
    expect(card.texts()).toEqual([]);
    expect(card.picture().pixels.every((pixel) => pixel === 0)).toBe(true);
    await send(ask({ kind: 'power', on: true }), ask({ kind: 'clear' }));
    expect(card.texts()).toEqual(['请以窗口叫号为准']);
  });

  test('an area that is not sent again within its time-out gives way to the stored programme, by itself', async () => {
    const { send, card, clock } = setup();
    let changes = 0;
    await send(show('A001', { runMode: 2, timeoutS: 30 }));
    await clock.advance(29_000);
    await send(show('A001', { runMode: 2, timeoutS: 30 }));
    card.onChange(() => (changes += 1));
    await clock.advance(29_999);
    expect(card.texts()).toEqual(['A001']);
    expect(changes).toBe(0);
    await clock.advance(1);
    expect(card.texts()).toEqual(['请以窗口叫号为准']);
    expect(changes).toBe(1);
    expect(card.state.areas).toEqual([]);
  });

  test('the clock runs from when it was set and fills clock fields', async () => {
    const { send, card, clock } = setup();
    const time = { year: 2026, month: 11, day: 23, hour: 10, minute: 59, second: 58, weekday: 1 };
    await send(ask({ kind: 'set_clock', time }));
    await clock.advance(3000);
    expect(new Date(card.state.clockMs).toISOString()).toBe('2026-11-23T11:00:01.000Z');
    const parts: onbonK.TextPart[] = [{ clock: 'hour' }, { text: ':' }, { clock: 'minute' }];
    await send(show('', { parts }));
    const written = card.picture();
    await send(show('11:00'));
    expect(written).toEqual(card.picture());
  });

  test('a status tells what the card is', async () => {
    const { send, words } = setup();
    await send(show('A'), ask({ kind: 'brightness', mode: 'fixed', level: 4 }), ask({ kind: 'status' }));
    expect(words()[2]).toMatchObject({
      kind: 'status',
      status: { on: true, brightness: 4, areaCount: 1, assumed: { areaIds: [0] } },
    });
  });

  test('queue texts write no flash; file commands do and are counted', async () => {
    const { send, card } = setup();
    await send(show('A001'), show('A002'), ask({ kind: 'power', on: true }));
    expect(card.state.flashWrites).toBe(0);
    await send(ask({ kind: 'start_write_file', overwrite: true, name: 'P001', lengthBytes: 121 }));
    expect(card.state.flashWrites).toBe(1);
  });
});

describe('the log', () => {
  test('holds frames of both directions in words, the newest 200', async () => {
    const { send, card } = setup();
    const heard: string[] = [];
    const end = card.onFrame(({ direction, describe }) => heard.push(`${direction} ${describe.en}`));
    await send(show('A001'), damaged(ping));
    expect(heard).toEqual([
      'in show #0「A001」',
      'out The card acknowledges',
      'in A frame with a wrong check',
      'out The card refuses: wrong checksum',
    ]);
    end();
    for (let round = 0; round < 150; round += 1) await send(ping);
    expect(card.state.log).toHaveLength(200);
    expect(heard).toHaveLength(4);
    expect(card.state.log.at(-1)).toMatchObject({ direction: 'out', hex: expect.stringMatching(/^A5 .* 5A$/) });
  });
});

describe('power', () => {
  test('a restart loses areas and connections, keeps settings and takes its time', async () => {
    const { send, card, clock, near, plug } = setup();
    await send(show('A001'), ask({ kind: 'brightness', mode: 'fixed', level: 3 }));
    const done = card.restart(5000);
    await clock.advance(4999);
    expect(near.readableEnded).toBe(true);
    expect(card.state.powered).toBe(false);
    expect(card.picture().pixels.every((pixel) => pixel === 0)).toBe(true);
    expect(plug().far.destroyed).toBe(true);
    await clock.advance(1);
    await done;
    expect(card.texts()).toEqual(['请以窗口叫号为准']);
    expect(card.state).toMatchObject({ powered: true, brightness: 3, counters: { restarts: 1 } });
    expect(plug().far.destroyed).toBe(false);
  });

  test('a card without power on a serial line is deaf, and hears again', async () => {
    const { send, card, words } = setup({}, { line: 'serial' });
    card.power(false);
    await send(ping);
    expect(words()).toEqual([]);
    expect(card.state.counters.lostBytes).toBe(ping.length);
    card.power(true);
    await send(ping);
    expect(words()).toEqual([ack]);
  });
});

describe('a serial line', () => {
  test('carries one direction at a time: what comes while the card answers is lost', async () => {
    const { card, near, words, clock } = setup({}, { line: 'serial', baud: 57_600 });
    near.write(concat(ping, show('A001')));
    await clock.advance(1000);
    expect(words()).toEqual([ack]);
    expect(card.texts()).toEqual(['请以窗口叫号为准']);
    expect(card.state.counters.lostBytes).toBeGreaterThan(0);
    near.write(show('A001'));
    await clock.advance(1000);
    expect(words()).toEqual([ack, ack]);
    expect(card.texts()).toEqual(['A001']);
  });

  test('an answer takes the time of both frames at the configured rate', async () => {
    const { near, words, clock } = setup({}, { line: 'serial', baud: 57_600 });
    near.write(ping);
    // 30 bytes there and 30 back, 10 bits each.
    await clock.advance((60 * 10 * 1000) / 57_600 - 0.1);
    expect(words()).toEqual([]);
    await clock.advance(0.2);
    expect(words()).toEqual([ack]);
  });
});

describe('faults', () => {
  test('a NAK storm refuses everything and obeys nothing', async () => {
    const { send, card, words } = setup();
    card.faults.nakStorm = onbonK.cardErrors.busy.number;
    await send(show('A001'), ping);
    expect(words()).toEqual([nack('busy'), nack('busy')]);
    expect(card.texts()).toEqual(['请以窗口叫号为准']);
    card.faults.clear();
    await send(show('A001'));
    expect(card.texts()).toEqual(['A001']);
  });

  test('an answer under another screen number', async () => {
    const { send, card, replies } = setup();
    card.faults.answerAs = 9;
    await send(ping);
    expect(replies()[0]).toMatchObject({ source: 9 });
  });
});

test('a closed card takes no connection and starts no timer, also with one that was on its way', async () => {
  const { card, clock, plug } = setup();
  card.close();
  const late = plug();
  late.near.write(show('A001', { runMode: onbonK.runModes.hideAfterTimeout, timeoutS: 60 }));
  await clock.advance(0);
  expect([late.words(), clock.sleeping]).toEqual([[], 0]);
  expect(late.far.destroyed).toBe(true);
});
