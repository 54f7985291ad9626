/** A long outbox of an agent that was cut off for days goes to a real server, while the agent or the server is killed. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openAgentStore, outboxAppend, type NewRecord } from '@hall/agent';
import { systemClock } from '@hall/contracts';
import { demoContent } from '@hall/simulators';
import Database from 'better-sqlite3';
import { prepareProcesses } from '../harness/processes.ts';

export interface DrainOptions {
  readonly rows: number;
  /** kill -9 of the agent, then of the server, each when a third and two thirds have arrived. */
  readonly kill: boolean;
  readonly say?: (text: string) => void;
}

export interface DrainResult {
  readonly rows: number;
  /** From the first to the last record in the server's database, and what that makes. */
  readonly seconds: number;
  readonly rowsPerSecond: number;
  readonly lost: number;
  readonly twice: number;
  /** Devices whose records are not in the order in which they were made. */
  readonly disordered: readonly string[];
  readonly kills: number;
  readonly gaps: number;
}

const DEVICES = 8;
const PART = 2000;
const LOOK_MS = 50;
const PATIENCE_MS = 300_000;
const AGENT = 'agent-a';
const roomy = { softRows: 1e9, softBytes: 1e12, hardRows: 1e9, hardBytes: 1e12 };

/** Three days of confirmations and links of some strips, in a store nobody has read yet. */
function fill(file: string, rows: number, endMs: number): void {
  const db = openAgentStore(file, () => {});
  const stepMs = (72 * 3_600_000) / rows;
  for (let from = 0; from < rows; from += PART) {
    const records = Array.from({ length: Math.min(PART, rows - from) }, (_, at): NewRecord => {
      const n = from + at;
      const [type, data] =
        n % 10 === 0
          ? (['device.link', { n, link: 'online' }] as const)
          : (['screen.confirmed', { n, hash: 'a'.repeat(64), text: ['请 A001 到 1 号窗口'], level: 'acknowledged' }] as const);
      return { type, at: Math.round(endMs - (rows - n) * stepMs), device: `strip-${n % DEVICES}`, data };
    });
    outboxAppend(db, { records, limits: roomy });
  }
  db.close();
}

export async function runOutboxDrain({ rows, kill, say = () => {} }: DrainOptions): Promise<DrainResult> {
  const { machine, wall } = systemClock();
  const folder = await mkdtemp(path.join(tmpdir(), 'hall-drain-'));
  const content = demoContent({ windows: 1, departments: 1, agents: [AGENT], stripPorts: [9], boards: false });
  const hall = await prepareProcesses({ folder, content, offsetMs: 0 });
  await mkdir(path.join(folder, AGENT), { recursive: true });
  fill(path.join(folder, AGENT, 'agent.sqlite'), rows, wall.nowMs());
  const agent = hall.agents.get(AGENT);
  if (!agent) throw new Error('no agent');
  let kills = 0;
  try {
    hall.server.start();
    await hall.server.ready();
    const db = new Database(hall.database, { readonly: true });
    const counted = db.prepare<[string], number>('SELECT seq FROM outbox_ack WHERE agent = ?').pluck();
    const ack = () => counted.get(AGENT) ?? 0;
    agent.start();
    await agent.ready();
    let [beganMs, firstAck] = [0, 0];
    const endMs = machine.nowMs() + PATIENCE_MS;
    while (ack() < rows) {
      if (machine.nowMs() > endMs) throw new Error(`only ${ack()} of ${rows} records within ${PATIENCE_MS / 1000} s`);
      const now = ack();
      if (beganMs === 0 && now > 0) [beganMs, firstAck] = [machine.nowMs(), now];
      if (kill && kills < 2 && now > (rows * (kills + 1)) / 3) {
        const victim = kills === 0 ? agent : hall.server;
        say(`kill -9 of the ${kills === 0 ? 'agent' : 'server'} at ${now} of ${rows}`);
        kills += 1;
        await victim.kill();
        victim.start();
        await victim.ready();
      }
      await machine.sleep(LOOK_MS);
    }
    const seconds = (machine.nowMs() - beganMs) / 1000;
    const held = db
      .prepare<[], { subject: string; n: number }>(
        "SELECT subject, json_extract(data, '$.n') AS n FROM facts WHERE json_extract(data, '$.n') IS NOT NULL ORDER BY seq",
      )
      .all();
    const gaps = db.prepare<[], number>("SELECT count(*) FROM facts WHERE type = 'outbox.gap'").pluck().get() ?? 0;
    db.close();
    const numbers = new Set(held.map(({ n }) => n));
    const last = new Map<string, number>();
    const disordered = new Set<string>();
    for (const { subject, n } of held) {
      if (n <= (last.get(subject) ?? -1)) disordered.add(subject);
      last.set(subject, n);
    }
    return {
      rows,
      seconds,
      rowsPerSecond: Math.round((rows - firstAck) / seconds),
      lost: rows - numbers.size,
      twice: held.length - numbers.size,
      disordered: [...disordered],
      kills,
      gaps,
    };
  } finally {
    await hall.close();
    await rm(folder, { recursive: true, force: true });
  }
}
