import { FakeClock, MAX_TRACE_FRAMES, Traced, type TraceOrder } from '@hall/contracts';
import { onbonK as wire } from '@hall/wire';
import fc from 'fast-check';
import { Value } from 'typebox/value';
import { describe, expect, test } from 'vitest';
import { onbonK } from '../drivers/onbon-k/driver.ts';
import type { ByteEar } from './device-host.ts';
import { createDeviceTraces, createFrameReader } from './device-trace.ts';

const ping = wire.encodeFrame(wire.toScreen(1, wire.encodeRequest({ kind: 'ping' })));
const ack = wire.encodeFrame(wire.answerTo(wire.toScreen(1, new Uint8Array()), 1, wire.encodeReply({ kind: 'ack' })));

function setup() {
  const clock = new FakeClock();
  const told: Traced[] = [];
  const ears = new Set<ByteEar>();
  const traces = createDeviceTraces({
    clock,
    epoch: 'e',
    listen: (device, ear) => {
      if (device !== 'strip') return undefined;
      ears.add(ear);
      return () => void ears.delete(ear);
    },
    cutterOf: () => onbonK.cut,
    publish: async (_, message) => {
      expect([...Value.Errors(Traced, message)]).toEqual([]);
      told.push(structuredClone(message));
    },
  });
  const say: ByteEar = (direction, bytes) => {
    for (const ear of ears) ear(direction, bytes);
  };
  const order = (id: string, more: Partial<TraceOrder> = {}): TraceOrder => ({
    id,
    seconds: 20,
    frames: 200,
    deadline: clock.wall.nowMs() + 30_000,
    ...more,
  });
  return { clock, told, ears, traces, say, order, frames: () => told.flatMap(({ frames }) => frames) };
}

test('nobody listens until a trace is asked for, and nobody after its time', async () => {
  const { clock, told, ears, traces, say, order, frames } = setup();
  expect(ears.size).toBe(0);
  traces.take('strip', order('t1', { seconds: 5 }));
  say('out', ping);
  say('in', ack);
  await clock.advance(600);
  expect(frames()).toMatchObject([
    { direction: 'out', hex: Buffer.from(ping).toString('hex'), bytes: ping.length, zh: '联机测试', en: 'Ping' },
    { direction: 'in', zh: '控制卡应答：成功' },
  ]);
  await clock.advance(5000);
  expect(ears.size).toBe(0);
  expect(told.at(-1)).toMatchObject({ id: 't1', state: 'done' });
  say('out', ping);
  await clock.advance(5000);
  expect(frames()).toHaveLength(2);
});

test('the number of frames ends it too, and none is told beyond it', async () => {
  const { clock, told, ears, traces, say, order, frames } = setup();
  traces.take('strip', order('t1', { frames: 120 }));
  for (let at = 0; at < 200; at += 1) say('out', ping);
  await clock.advance(10);
  expect(ears.size).toBe(0);
  expect(frames()).toHaveLength(120);
  expect(told.map(({ state }) => state)).toEqual(['running', 'running', 'running', 'done']);
});

test('a trace of a device that does not run, or that comes too late, fails and listens to nothing', async () => {
  const { clock, told, ears, traces, order } = setup();
  traces.take('elsewhere', order('t1'));
  traces.take('strip', order('t2', { deadline: clock.wall.nowMs() - 1 }));
  expect(told).toMatchObject([
    { id: 't1', state: 'failed', code: 'DEVICE_OFFLINE' },
    { id: 't2', state: 'failed', code: 'SEARCH_EXPIRED' },
  ]);
  expect(ears.size).toBe(0);
});

test('the same order again changes nothing, another one takes its place', async () => {
  const { clock, ears, traces, say, order, frames } = setup();
  traces.take('strip', order('t1'));
  traces.take('strip', order('t1'));
  expect(ears.size).toBe(1);
  traces.take('strip', order('t2'));
  expect(ears.size).toBe(1);
  say('out', ping);
  await clock.advance(600);
  expect(frames()).toHaveLength(1);
  traces.close();
  expect(ears.size).toBe(0);
});

describe('the reader of a stream', () => {
  test('however bytes are cut, the same frames and the same noise come out', () => {
    const clock = new FakeClock();
    const stream = Buffer.concat([ping, Buffer.from('??'), ack, ping.subarray(0, 9)]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: stream.length - 1 }), { maxLength: 8 }), (cuts) => {
        const reader = createFrameReader(onbonK.cut, clock);
        const ends = [...new Set([...cuts, stream.length])].toSorted((one, other) => one - other);
        let from = 0;
        const frames = ends.flatMap((end) => {
          const some = reader.take('in', stream.subarray(from, end));
          from = end;
          return some;
        });
        const hex = [...frames, ...reader.tails()].map((frame) => frame.hex).join('');
        expect(hex).toBe(stream.toString('hex'));
        expect(frames.filter(({ en }) => en !== undefined)).toHaveLength(2);
      }),
    );
  });

  test('endless bytes that are no frame take a bounded place and are cut short', () => {
    const reader = createFrameReader((bytes) => ({ pieces: [], rest: bytes }), new FakeClock());
    const pieces = Array.from({ length: 20 }, () => reader.take('in', new Uint8Array(1000))).flat();
    expect(pieces).toHaveLength(4);
    expect(pieces[0]).toMatchObject({ bytes: 5000, hex: '00'.repeat(1024) });
    expect(MAX_TRACE_FRAMES).toBe(500);
  });

  test('without a codec every piece is told as it comes', () => {
    const reader = createFrameReader(undefined, new FakeClock());
    expect(reader.take('in', Uint8Array.of(1, 2))).toMatchObject([{ hex: '0102', bytes: 2 }]);
  });
});
