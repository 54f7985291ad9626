/**
 * What a disk may hold after a power cut: everything that was synced, and of the rest any part, torn at sectors. Built from a
 * record of `record.c`. Creation and removal of a file count once its folder was synced.
 */
import { readFileSync } from 'node:fs';

export type FileName = '' | '-wal' | '-journal';
const FILES: readonly FileName[] = ['', '-wal', '-journal'];
const FOLDER = 3;
const ENTRY_BYTES = 16;
const SECTOR_BYTES = 512;

export type Act = 'write' | 'truncate' | 'sync' | 'unlink';
const ACTS: Readonly<Record<number, Act>> = { 1: 'write', 2: 'truncate', 3: 'sync', 4: 'unlink' };

export interface Entry {
  readonly act: Act;
  /** Which file of the database; undefined is their folder. */
  readonly file: FileName | undefined;
  /** Where it is written, or the new length. */
  readonly offset: number;
  readonly bytes: Uint8Array;
  /** Length of the record with this entry. */
  readonly recordedBytes: number;
}

/** Reads a record; an entry that was cut off at the end is left out. */
export function readRecord(file: string): Entry[] {
  const record = readFileSync(file);
  const entries: Entry[] = [];
  for (let at = 0; at + ENTRY_BYTES <= record.length;) {
    const act = ACTS[record.readUInt8(at)];
    const number = record.readUInt8(at + 1);
    const length = record.readUInt32LE(at + 4);
    const offset = Number(record.readBigUInt64LE(at + 8));
    const end = at + ENTRY_BYTES + (act === 'write' ? length : 0);
    if (act === undefined) throw new RangeError(`no act is numbered ${record.readUInt8(at)}`);
    if (end > record.length) break;
    const bytes = record.subarray(at + ENTRY_BYTES, end);
    entries.push({ act, file: number === FOLDER ? undefined : FILES[number], offset, bytes, recordedBytes: end });
    at = end;
  }
  return entries;
}

interface Held {
  /** What certainly survives; undefined: no such file. */
  synced: Buffer | undefined;
  /** Whether the folder knows of the file for certain. */
  entered: boolean;
  unlinking: boolean;
  pending: Entry[];
}

function applied(content: Buffer, { act, offset, bytes }: Entry): Buffer {
  if (act === 'truncate') {
    const next = Buffer.alloc(offset);
    content.copy(next, 0, 0, Math.min(offset, content.length));
    return next;
  }
  const end = offset + bytes.length;
  const next = end > content.length ? Buffer.concat([content, Buffer.alloc(end - content.length)]) : content;
  next.set(bytes, offset);
  return next;
}

/** A write of which only some sectors arrived. */
function* torn(entry: Entry, random: () => number): Iterable<Entry> {
  for (let at = 0; at < entry.bytes.length; at += SECTOR_BYTES) {
    if (random() < 0.5) continue;
    yield { ...entry, offset: entry.offset + at, bytes: entry.bytes.subarray(at, at + SECTOR_BYTES) };
  }
}

export interface Disk {
  /** One more act of the process. */
  take(entry: Entry): void;
  /** The files after a power cut now. */
  cut(random: () => number): ReadonlyMap<FileName, Uint8Array>;
}

/** `base`: the files as they were, safe on the disk, when the record began. */
export function createDisk(base: ReadonlyMap<FileName, Uint8Array>): Disk {
  const held = new Map<FileName, Held>(
    FILES.map((name) => {
      const before = base.get(name);
      return [name, { synced: before && Buffer.from(before), entered: before !== undefined, unlinking: false, pending: [] }];
    }),
  );

  return {
    take(entry) {
      const { act, file } = entry;
      if (file === undefined) {
        if (act !== 'sync') return;
        for (const one of held.values()) {
          if (one.unlinking) Object.assign(one, { synced: undefined, entered: false, unlinking: false });
          else one.entered ||= one.synced !== undefined || one.pending.length > 0;
        }
        return;
      }
      const one = held.get(file);
      if (!one) return;
      if (act === 'unlink') {
        one.unlinking = true;
        one.pending = [];
      } else if (act === 'sync') {
        one.synced = one.pending.reduce(applied, one.synced ?? Buffer.alloc(0));
        one.pending = [];
      } else one.pending.push(entry);
    },
    cut(random) {
      const files = new Map<FileName, Uint8Array>();
      for (const [name, { synced, entered, unlinking, pending }] of held) {
        if (synced === undefined && pending.length === 0) continue;
        if (((!entered && name !== '') || unlinking) && random() < 0.5) continue;
        let content: Buffer = Buffer.from(synced ?? Buffer.alloc(0));
        for (const entry of pending) {
          const fate = random();
          if (fate < 0.4) continue;
          if (fate < 0.7 || entry.act === 'truncate') content = applied(content, entry);
          else for (const part of torn(entry, random)) content = applied(content, part);
        }
        files.set(name, content);
      }
      return files;
    },
  };
}
