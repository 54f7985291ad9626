import { expect, test } from 'vitest';
import { createDisk, type Entry, type FileName } from './disk.ts';

const write = (file: FileName, offset: number, text: string): Entry => ({
  act: 'write',
  file,
  offset,
  bytes: Buffer.from(text),
  recordedBytes: 0,
});
const act = (name: Entry['act'], file: FileName | undefined): Entry => ({
  act: name,
  file,
  offset: 0,
  bytes: new Uint8Array(),
  recordedBytes: 0,
});
const always = (value: number) => () => value;
const text = (files: ReadonlyMap<FileName, Uint8Array>, name: FileName) => {
  const content = files.get(name);
  return content && Buffer.from(content).toString();
};
const base = new Map<FileName, Uint8Array>([['', Buffer.from('base')]]);

test('what was synced survives every cut; what was not may be there or not', () => {
  const disk = createDisk(base);
  disk.take(write('', 4, '-synced'));
  disk.take(act('sync', ''));
  disk.take(write('', 0, 'BASE'));
  expect(text(disk.cut(always(0)), '')).toBe('base-synced');
  expect(text(disk.cut(always(0.5)), '')).toBe('BASE-synced');
});

test('an unsynced write can arrive in part, by sectors', () => {
  const disk = createDisk(new Map<FileName, Uint8Array>([['', Buffer.alloc(1024, 'a')]]));
  disk.take(write('', 0, 'b'.repeat(1024)));
  const fates = [0.8, 0.9, 0.1];
  const content = text(
    disk.cut(() => fates.shift() ?? 0),
    '',
  );
  expect(content).toBe('b'.repeat(512) + 'a'.repeat(512));
});

test('a new file is certain only after its folder was synced, a removed one is gone only then', () => {
  const disk = createDisk(base);
  disk.take(write('-wal', 0, 'frames'));
  disk.take(act('sync', '-wal'));
  expect(text(disk.cut(always(0)), '-wal')).toBeUndefined();
  disk.take(act('sync', undefined));
  expect(text(disk.cut(always(0)), '-wal')).toBe('frames');
  disk.take(act('unlink', '-wal'));
  expect(text(disk.cut(always(0.9)), '-wal')).toBe('frames');
  disk.take(act('sync', undefined));
  expect(text(disk.cut(always(0.9)), '-wal')).toBeUndefined();
});
