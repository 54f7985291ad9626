/** A thousand agents lose their broker at once and find it again, empty. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemClock, type DeviceView, type HallContent } from '@hall/contracts';
import { createHallServer, parseConfig } from '@hall/server';
import { demoContent } from '@hall/simulators';
import { pino } from 'pino';
import { startBroker } from '../harness/brokers.ts';
import { freePort } from '../harness/free-port.ts';
import { HALL } from '../harness/hall.ts';
import { startLightFleet, type LightFleet } from '../harness/light-fleet.ts';
import type { BrokerName } from '../harness/outside-broker.ts';
import { productProcess, type ProductProcess } from '../harness/processes.ts';

export interface StormOptions {
  readonly broker: BrokerName;
  readonly agents: number;
  readonly storms: number;
  readonly say?: (text: string) => void;
}

export interface StormResult {
  /** From the first start of the agents to all states converged, ms. */
  readonly firstMs: number;
  /** From the listening port to all agents settled and all states converged, ms, storm by storm. */
  readonly convergedMs: readonly number[];
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

/** One device each, spread over the windows. */
function contentFor(agents: readonly string[]): HallContent {
  const stripPorts = Array.from({ length: WINDOWS }, () => 0);
  const content = demoContent({ windows: WINDOWS, departments: 8, agents: ['agent-0'], stripPorts, boards: false });
  const devices = agents.flatMap((agent, at) => {
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

export async function runStorm({ broker: name, agents: count, storms, say = () => {} }: StormOptions): Promise<StormResult> {
  const { machine } = systemClock();
  const folder = await mkdtemp(path.join(tmpdir(), 'hall-storm-'));
  const broker = await startBroker(name, folder, HALL);
  let fleet: LightFleet | undefined;
  let server: ProductProcess | undefined;
  try {
    const ids = Array.from({ length: count }, (_, at) => `agent-${at}`);
    const data = path.join(folder, 'server');
    const [http, port] = [await freePort(), broker ? Number(new URL(broker.url).port) : await freePort()];
    const given = {
      hall: HALL,
      data,
      http: { port: http },
      mqtt: broker ? { external: broker.serverLink } : { port },
      ballastMb: 0,
      log: 'warn',
    };
    const preparing = await createHallServer(parseConfig({ ...given, mqtt: { port: 0 }, http: { port: 0 } }), {
      log: pino({ level: 'silent' }),
    });
    await preparing.services.content.replace({ by: 'storm', address: '' }, contentFor(ids));
    const logins: { id: string; password: string }[] = [];
    for (const id of ids) logins.push({ id, password: (await preparing.services.agents.admit(id)).password });
    await preparing.close();
    await broker?.admitAll(logins.map((login) => ({ role: 'agent' as const, ...login })));
    const config = path.join(folder, 'server.json');
    await writeFile(config, JSON.stringify(given), { mode: 0o600 });
    server = productProcess({ name: 'server', args: [SERVER, 'start', '-c', config], readyWords: 'one-time code' });
    server.start();
    await server.ready();
    const devices = await devicesOf(`http://127.0.0.1:${http}`, server);

    const listening = async (): Promise<void> => {
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
    };
    /** All agents are settled and the server sees no difference. */
    const converged = async (fromMs: number): Promise<{ ms: number; differing: number }> => {
      for (;;) {
        const { settled, welcomed } = (await fleet?.state()) ?? { settled: 0, welcomed: 0 };
        const all = settled === count ? await devices() : [];
        const differing = settled === count ? all.filter(({ difference }) => difference.length > 0).length : count - settled;
        const ms = machine.nowMs() - fromMs;
        if (differing === 0 && all.length === count) return { ms, differing: 0 };
        if (ms > LONGEST_MS) {
          say(`welcomed ${welcomed}, settled ${settled}, differing ${differing} after ${LONGEST_MS / 1000} s`);
          return { ms, differing };
        }
        await machine.sleep(LOOK_MS);
      }
    };

    const firstFrom = machine.nowMs();
    fleet = await startLightFleet({ hall: HALL, port, agents: logins });
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
      await listening();
      const result = await converged(machine.nowMs());
      ({ differing } = result);
      convergedMs.push(result.ms);
      cpuMs.push((await cpuOf(server.pid)) - cpuBefore);
      say(`${name}: storm ${storm + 1} converged ${result.ms.toFixed(0)} ms after the port listened`);
    }
    return { firstMs: first.ms, convergedMs, differing, residentMb: await residentOf(server.pid), cpuMs };
  } finally {
    await fleet?.close();
    await server?.kill();
    await broker?.close();
    await rm(folder, { recursive: true, force: true });
  }
}
