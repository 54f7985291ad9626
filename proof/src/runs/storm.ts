/** Hundreds of agents lose their broker at once and find it again, empty. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { newKey, requestFor, signText } from '@hall/agent';
import { proofText, systemClock, type DeviceView, type HallContent } from '@hall/contracts';
import { createHallServer, parseConfig, type HallServices } from '@hall/server';
import { demoContent } from '@hall/simulators';
import Database from 'better-sqlite3';
import { pino } from 'pino';
import { startBroker } from '../harness/brokers.ts';
import { freePort } from '../harness/free-port.ts';
import { HALL } from '../harness/hall.ts';
import { startLightFleet, type LightFleet, type LightIdentity } from '../harness/light-fleet.ts';
import type { BrokerName } from '../harness/outside-broker.ts';
import { productProcess, type ProductProcess } from '../harness/processes.ts';

export interface StormOptions {
  readonly broker: BrokerName;
  readonly agents: number;
  readonly storms: number;
  /** Default 1. */
  readonly devicesEach?: number;
  /** Agents show certificates of the hall's authority; only the embedded broker asks for them. Default: passwords over TCP. */
  readonly mutualTls?: boolean;
  /** Each agent makes a fact this often, ms; by default none. */
  readonly recordEveryMs?: number;
  readonly say?: (text: string) => void;
}

export interface StormResult {
  /** From the first start of the agents to all states converged, ms. */
  readonly firstMs: number;
  /** From the listening port to all agents settled and all states converged, ms, storm by storm. */
  readonly convergedMs: readonly number[];
  /** Facts that agents made in all, and those of them that the server does not hold in the end, or holds twice. */
  readonly facts: number;
  readonly lost: number;
  readonly twice: number;
  /** Devices that differed when time was up. */
  readonly differing: number;
  /** Of the server after the last storm. */
  readonly residentMb: number;
  /** Processor time of the server per storm, ms. */
  readonly cpuMs: readonly number[];
}

const WINDOWS = 20;
const LONGEST_MS = 60_000;
const LOOK_MS = 20;
/** Between two storms: longer than agents take to notice, and than the beats of before count. */
const REST_MS = 3000;
const SERVER = 'hall-server/src/main.ts';
const { machine } = systemClock();

/** Devices spread over the windows. */
function contentFor(agents: readonly string[], devicesEach: number): HallContent {
  const stripPorts = Array.from({ length: WINDOWS }, () => 0);
  const content = demoContent({ windows: WINDOWS, departments: 8, agents: ['agent-0'], stripPorts, boards: false });
  const owners = agents.flatMap((agent) => Array.from({ length: devicesEach }, () => agent));
  const devices = owners.flatMap((agent, at) => {
    const device = content.devices[at % content.devices.length];
    return device ? [{ ...device, id: `strip-${at}`, name: `strip ${at}`, agent }] : [];
  });
  return { ...content, devices };
}

/** The processor time of a process so far, ms (proc(5): utime and stime in ticks of 10 ms). */
async function cpuOf(pid: number | undefined): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
const residentOf = async (pid: number | undefined): Promise<number> =>
  Number(/VmRSS:\s+(\d+) kB/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

/** Signs in as the first administrator; answers the reader of all devices. */
async function devicesOf(baseUrl: string, server: ProductProcess): Promise<() => Promise<readonly DeviceView[]>> {
  const [, code = ''] = /one-time code \(10 min\): (\S+)/.exec(server.output) ?? [];
  const post = (at: string, body: object) =>
    fetch(`${baseUrl}${at}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  const login = { name: 'storm', password: 'yunzhou-bridge-58-lantern' };
  const first = await post('/api/v1/bootstrap', { code, display: 'storm', ...login });
  if (!first.ok) throw new Error(`no administrator: ${first.status} ${await first.text()}`);
  const session = await post('/api/v1/sessions', login);
  const cookie = session.headers.get('set-cookie')?.split(';', 1)[0] ?? '';
  if (!session.ok) throw new Error(`no session: ${session.status} ${await session.text()}`);
  return async () => {
    const reply = await fetch(`${baseUrl}/api/v1/halls/${HALL}/devices`, { headers: { cookie } });
    const body = (await reply.json()) as { devices?: readonly DeviceView[] } | readonly DeviceView[];
    return 'devices' in body ? (body.devices ?? []) : (body as readonly DeviceView[]);
  };
}

/** Asks for a certificate with a key of its own and is admitted at once, as the console does it. */
async function enrolled({ enrolment }: HallServices, id: string): Promise<LightIdentity> {
  const asker = { by: 'storm', address: '127.0.0.1' };
  const key = newKey();
  const ticket = await enrolment.ask({ csr: await requestFor(key), wish: id, host: id, version: 'light' }, asker.address);
  await enrolment.admit(ticket.id, { agent: id, code: ticket.code }, asker);
  const { nonce } = ticket;
  const answer = await enrolment.fetch(ticket.id, { nonce, signature: signText(key, proofText(HALL, ticket.id, nonce)) });
  if (answer.state !== 'admitted') throw new Error(`${id} was not admitted`);
  return { id, key, cert: answer.certificate, ca: answer.trust };
}

/** Content, agents and what they sign in with, made by a server that nobody connects to. */
async function prepare(
  config: object,
  options: Pick<StormOptions, 'agents' | 'devicesEach' | 'mutualTls'>,
): Promise<LightIdentity[]> {
  const { agents, devicesEach = 1, mutualTls = false } = options;
  const ids = Array.from({ length: agents }, (_, at) => `agent-${at}`);
  const free = { mqtt: { port: 0 }, http: { port: 0 }, ...(mutualTls && { mqtts: { port: 0 } }) };
  const server = await createHallServer(parseConfig({ ...config, ...free }), { log: pino({ level: 'silent' }) });
  try {
    await server.services.content.replace({ by: 'storm', address: '' }, contentFor(ids, devicesEach));
    const identities: LightIdentity[] = [];
    for (const id of ids) {
      if (mutualTls) identities.push(await enrolled(server.services, id));
      else identities.push({ id, password: (await server.services.agents.admit(id)).password });
    }
    return identities;
  } finally {
    await server.close();
  }
}

/** Resolves when somebody listens on the port. */
async function listening(port: number): Promise<void> {
  for (;;) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect({ port, host: '127.0.0.1' });
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
    if (open) return;
    await machine.sleep(2);
  }
}

/** What the database holds of the facts that agents made. */
function factsIn(file: string): { readonly held: number; readonly twice: number } {
  const db = new Database(file, { readonly: true });
  const each = db
    .prepare<[], number>(
      "SELECT count(*) FROM facts WHERE type = 'device.link' AND json_extract(data, '$.n') IS NOT NULL GROUP BY source, json_extract(data, '$.n')",
    )
    .pluck()
    .all();
  db.close();
  return { held: each.length, twice: each.filter((count) => count > 1).length };
}

export async function runStorm(options: StormOptions): Promise<StormResult> {
  const { broker: name, agents: count, storms, devicesEach = 1, mutualTls = false, recordEveryMs, say = () => {} } = options;
  const folder = await mkdtemp(path.join(tmpdir(), 'hall-storm-'));
  const broker = await startBroker(name, folder, HALL);
  let fleet: LightFleet | undefined;
  let server: ProductProcess | undefined;
  try {
    const data = path.join(folder, 'server');
    const [http, secure] = [await freePort(), await freePort()];
    const plain = broker ? Number(new URL(broker.url).port) : await freePort();
    const port = mutualTls ? secure : plain;
    const given = {
      hall: HALL,
      data,
      http: { port: http },
      mqtt: broker ? { external: broker.serverLink } : { port: plain },
      ...(mutualTls && { mqtts: { port: secure } }),
      ballastMb: 0,
      log: 'warn',
    };
    const identities = await prepare(given, options);
    const users = identities.flatMap((one) => ('password' in one ? [{ role: 'agent' as const, ...one }] : []));
    await broker?.admitAll(users);
    const config = path.join(folder, 'server.json');
    await writeFile(config, JSON.stringify(given), { mode: 0o600 });
    server = productProcess({ name: 'server', args: [SERVER, 'start', '-c', config], readyWords: 'one-time code' });
    server.start();
    await server.ready();
    const devices = await devicesOf(`http://127.0.0.1:${http}`, server);

    /** All agents are settled, all they have made is told, and the server sees no difference. */
    const converged = async (fromMs: number): Promise<{ ms: number; differing: number }> => {
      for (;;) {
        const { settled = 0, welcomed = 0, waiting = 0 } = (await fleet?.state()) ?? {};
        const isSettled = settled === count && waiting <= count;
        const all = isSettled ? await devices() : [];
        const differing = isSettled ? all.filter(({ difference }) => difference.length > 0).length : count * devicesEach;
        const ms = machine.nowMs() - fromMs;
        if (differing === 0 && all.length === count * devicesEach) return { ms, differing: 0 };
        if (ms > LONGEST_MS) {
          say(
            `welcomed ${welcomed}, settled ${settled}, facts waiting ${waiting}, differing ${differing} after ${ms.toFixed(0)} ms`,
          );
          return { ms, differing };
        }
        await machine.sleep(LOOK_MS);
      }
    };

    const firstFrom = machine.nowMs();
    fleet = await startLightFleet({
      hall: HALL,
      port,
      agents: identities,
      ...(recordEveryMs === undefined ? {} : { recordEveryMs }),
    });
    const first = await converged(firstFrom);
    say(`${name}: ${count} agents first converged after ${first.ms.toFixed(0)} ms`);
    let differing = first.differing;
    const convergedMs: number[] = [];
    const cpuMs: number[] = [];
    for (let storm = 0; storm < storms && differing === 0; storm += 1) {
      await machine.sleep(REST_MS);
      await (broker ?? server).kill();
      await machine.sleep(REST_MS);
      const cpuBefore = broker ? await cpuOf(server.pid) : 0;
      if (broker) await broker.start();
      else server.start();
      await listening(port);
      const result = await converged(machine.nowMs());
      ({ differing } = result);
      convergedMs.push(result.ms);
      cpuMs.push((await cpuOf(server.pid)) - cpuBefore);
      say(`${name}: storm ${storm + 1} converged ${result.ms.toFixed(0)} ms after the port listened`);
    }
    const residentMb = await residentOf(server.pid);
    fleet.quiet();
    const drainedMs = machine.nowMs() + LONGEST_MS;
    let { made, waiting } = await fleet.state();
    for (; waiting > 0 && machine.nowMs() < drainedMs; { made, waiting } = await fleet.state()) await machine.sleep(LOOK_MS);
    const { held, twice } = factsIn(path.join(data, 'hall.db'));
    return { firstMs: first.ms, convergedMs, facts: made, lost: made - held, twice, differing, residentMb, cpuMs };
  } finally {
    await fleet?.close();
    await server?.kill();
    await broker?.close();
    await rm(folder, { recursive: true, force: true });
  }
}
