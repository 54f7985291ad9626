/**
 * Power cuts of a real hall server: one run under load is recorded act by act, then the disk is rebuilt as it may be after a cut
 * at any moment of it, opened, and compared with what had been acknowledged by then.
 */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { systemClock } from '@hall/contracts';
import { demoContent, seeded } from '@hall/simulators';
import { createFeed } from '../harness/feed.ts';
import { BUSY_MOMENT, HALL, SOURCE } from '../harness/hall.ts';
import { keyOf } from '../harness/judge.ts';
import { prepareProcesses } from '../harness/processes.ts';
import { readStored } from '../runs/stored.ts';
import { createDisk, readRecord, type FileName } from './disk.ts';

const run = promisify(execFile);
const beside = (name: string) => fileURLToPath(new URL(`./${name}`, import.meta.url));
const LANES = 8;
const SUFFIXES: readonly FileName[] = ['', '-wal', '-journal'];

export interface PowerCutOptions {
  readonly seed: number;
  readonly cuts: number;
  readonly events: number;
  /** Negative control: the store commits with `synchronous=NORMAL`. */
  readonly careless: boolean;
  readonly say?: (text: string) => void;
}

export interface PowerCutResult {
  readonly cuts: number;
  readonly acknowledged: number;
  /** Cuts after which an acknowledged event was missing. */
  readonly losing: number;
  /** Most acknowledged events missing after one cut. */
  readonly mostLost: number;
  /** Cuts after which SQLite could not open the file or found it damaged. */
  readonly damaged: number;
  readonly syncs: number;
  readonly firstLosing: number | undefined;
}

export async function runPowerCuts({ seed, cuts, events, careless, say = () => {} }: PowerCutOptions): Promise<PowerCutResult> {
  const random = seeded(seed);
  const folder = await mkdtemp(path.join(tmpdir(), 'hall-power-'));
  const at = (name: string) => path.join(folder, name);
  try {
    await run('gcc', ['-O2', '-shared', '-fPIC', '-o', at('record.so'), beside('record.c'), '-ldl']);
    const database = path.join(folder, 'server', 'hall.db');
    const offsetMs = Math.round(BUSY_MOMENT - Date.now());
    const content = demoContent({ windows: 6, departments: 2, agents: ['agent-a'], boards: false });
    const nodeOptions = `${process.env['NODE_OPTIONS'] ?? ''} --require ${beside('careless.cjs')}`;
    const hall = await prepareProcesses({
      folder,
      content,
      offsetMs,
      serverEnv: {
        LD_PRELOAD: at('record.so'),
        HALL_RECORD_DATABASE: database,
        HALL_RECORD_LOG: at('record'),
        ...(careless ? { NODE_OPTIONS: nodeOptions } : {}),
      },
    });
    const base = new Map<FileName, Uint8Array>();
    for (const suffix of SUFFIXES) {
      if (existsSync(database + suffix)) base.set(suffix, readFileSync(database + suffix));
    }
    // Which of the first acts belong to which answer is known from how long the record was when the answer came.
    const answers: { readonly key: string; readonly recordedBytes: number }[] = [];
    try {
      hall.server.start();
      await hall.server.ready();
      const clock = systemClock({ offsetMs, speed: 1 });
      const eventsUrl = `${hall.baseUrl}/api/v1/halls/${HALL}/platform/events`;
      const feed = createFeed({ clock, source: SOURCE, secret: hall.secret, eventsUrl: () => eventsUrl });
      let made = 0;
      const lane = async (): Promise<void> => {
        while (made < events) {
          made += 1;
          const event = feed.called(`w0${(made % 6) + 1}`, `A${String(made).padStart(4, '0')}`);
          const { status } = await feed.send(event);
          if (status === 202) answers.push({ key: keyOf(event), recordedBytes: statSync(at('record')).size });
        }
      };
      await Promise.all(Array.from({ length: LANES }, lane));
    } finally {
      await hall.server.kill();
    }

    const entries = readRecord(at('record'));
    const syncs = entries.filter(({ act }) => act === 'sync').length;
    say(`recorded ${entries.length} acts, ${syncs} syncs, ${answers.length} answers`);
    const moments = Array.from({ length: cuts }, () => Math.floor(random() * (entries.length + 1))).toSorted((a, b) => a - b);
    const disk = createDisk(base);
    const copy = at('after-the-cut.db');
    let taken = 0;
    let [losing, mostLost, damaged] = [0, 0, 0];
    let firstLosing: number | undefined;
    for (const moment of moments) {
      for (; taken < moment; taken += 1) {
        const entry = entries[taken];
        if (entry) disk.take(entry);
      }
      const recordedBytes = entries[moment - 1]?.recordedBytes ?? 0;
      const lost = await lostAfter(disk.cut(random), recordedBytes);
      if (lost === undefined) damaged += 1;
      else if (lost > 0) {
        losing += 1;
        mostLost = Math.max(mostLost, lost);
        firstLosing ??= moment;
      }
    }
    return { cuts, acknowledged: answers.length, losing, mostLost, damaged, syncs, firstLosing };

    /** How many answered events the store does not hold; undefined where it is no sound store. */
    async function lostAfter(files: ReadonlyMap<FileName, Uint8Array>, recordedBytes: number): Promise<number | undefined> {
      for (const suffix of [...SUFFIXES, '-shm']) await rm(copy + suffix, { force: true });
      for (const [suffix, bytes] of files) await writeFile(copy + suffix, bytes);
      try {
        const { facts, integrity } = readStored(copy, SOURCE);
        if (integrity !== 'ok') return undefined;
        const kept = new Set(facts);
        return answers.filter((answer) => answer.recordedBytes <= recordedBytes && !kept.has(answer.key)).length;
      } catch {
        return undefined;
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
