/**
 * Power cuts of a real agent: what it has told the server it holds must be on its disk after a cut at any later moment, or a
 * number would be given to two records and a document it calls its own would be gone.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemClock, topicOf, type Payload } from '@hall/contracts';
import { demoContent, seeded } from '@hall/simulators';
import Database from 'better-sqlite3';
import { createFeed } from '../harness/feed.ts';
import { BUSY_MOMENT, HALL, SOURCE } from '../harness/hall.ts';
import type { SeenMessage } from '../harness/messages.ts';
import { prepareProcesses } from '../harness/processes.ts';
import { openTestStrips } from '../harness/strips.ts';
import { createRecorder, type CutResult } from './cuts.ts';
import type { PowerCutOptions } from './power-cut.ts';

const AGENT = 'agent-a';
/** The agent's texts stand behind a checksum of so many characters. */
const SEAL_CHARACTERS = 16;
const WINDOWS = 6;
const PAUSE_MS = 25;

/** What the agent has said, and how long the record of its disk was then. */
type Said =
  | { readonly kind: 'records'; readonly upTo: number; readonly recordedBytes: number }
  | { readonly kind: 'document'; readonly device: string; readonly ver: number; readonly recordedBytes: number };

export interface AgentCutResult extends CutResult {
  readonly said: number;
  readonly syncs: number;
}

export async function runAgentCuts(options: PowerCutOptions): Promise<AgentCutResult> {
  const { seed, cuts, events, careless, say = () => {} } = options;
  const folder = await mkdtemp(path.join(tmpdir(), 'hall-agent-power-'));
  const offsetMs = Math.round(BUSY_MOMENT - Date.now());
  const clock = systemClock({ offsetMs, speed: 1 });
  const stripPorts = Array.from({ length: WINDOWS }, () => 0);
  const free = demoContent({ windows: WINDOWS, departments: 2, agents: [AGENT], boards: false, stripPorts });
  const { content, strips } = await openTestStrips(free, clock, 'tcp');
  const said: Said[] = [];
  try {
    let recordedBytes = () => 0;
    const see = (message: SeenMessage) => {
      for (const one of saidIn(message, recordedBytes())) said.push(one);
    };
    const agentEnv: Record<string, string> = {};
    const hall = await prepareProcesses({ folder, content, offsetMs, agentEnv, see });
    const recorder = await createRecorder(folder, path.join(folder, AGENT, 'agent.sqlite'), careless);
    Object.assign(agentEnv, recorder.env);
    const agent = hall.agents.get(AGENT);
    try {
      hall.server.start();
      await hall.server.ready();
      agent?.start();
      await agent?.ready();
      recordedBytes = recorder.bytes;
      const eventsUrl = `${hall.baseUrl}/api/v1/halls/${HALL}/platform/events`;
      const feed = createFeed({ clock, source: SOURCE, secret: hall.secret, eventsUrl: () => eventsUrl });
      for (let made = 1; made <= events; made += 1) {
        await feed.send(feed.called(`w0${(made % WINDOWS) + 1}`, `A${String(made).padStart(4, '0')}`));
        await clock.machine.sleep(PAUSE_MS);
      }
    } finally {
      await agent?.kill();
      await hall.close();
    }
    const { acts, syncs } = recorder.acts();
    say(`recorded ${acts} acts, ${syncs} syncs, ${said.length} words of the agent`);
    const result = await recorder.cut(cuts, seeded(seed), (database, bytes) => brokenIn(database, said, bytes));
    return { ...result, said: said.length, syncs };
  } finally {
    await Promise.all([...strips.values()].map((strip) => strip.close()));
    await rm(folder, { recursive: true, force: true });
  }
}

/** What a message of the agent says about its disk. */
function saidIn({ topic, payload, way }: SeenMessage, recordedBytes: number): Said[] {
  const found = topicOf(topic);
  if (way !== 'in' || !found || typeof payload === 'string') return [];
  const { data } = JSON.parse(Buffer.from(payload).toString()) as { data: unknown };
  if (found.name === 'up') {
    const { records } = data as Payload<'up'>;
    return [{ kind: 'records', upTo: Math.max(...records.map(({ seq }) => seq)), recordedBytes }];
  }
  const { applied } = data as Payload<'reported'>;
  const device = found.names['device'];
  if (found.name !== 'reported' || !applied || device === undefined) return [];
  return [{ kind: 'document', device, ver: applied.ver, recordedBytes }];
}

/** How much of what was said by then is not so; undefined for a database that is none. */
function brokenIn(file: string, said: readonly Said[], recordedBytes: number): number | undefined {
  const due = said.filter((one) => one.recordedBytes > 0 && one.recordedBytes <= recordedBytes);
  const db = new Database(file);
  try {
    if (db.pragma('integrity_check', { simple: true }) !== 'ok') return undefined;
    // Before the schema stands, nothing can have been said.
    if (db.pragma('user_version', { simple: true }) === 0) return due.length;
    const sealed = db.prepare<[], string>("SELECT value FROM value WHERE name = 'outbox.head'").pluck().get();
    const head = Number(sealed?.slice(SEAL_CHARACTERS) ?? 0);
    const bodies = db.prepare<[], { id: string; body: string }>("SELECT id, body FROM document WHERE kind = 'desired'").all();
    const versions = new Map(
      bodies.map(({ id, body }) => [id, (JSON.parse(body.slice(SEAL_CHARACTERS)) as { version: { ver: number } }).version.ver]),
    );
    return due.filter((one) => (one.kind === 'records' ? head < one.upTo : (versions.get(one.device) ?? -1) < one.ver)).length;
  } finally {
    db.close();
  }
}
