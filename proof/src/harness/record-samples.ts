/**
 * Records samples of every MQTT message of this release from a running hall into `contracts/samples/<version>/`:
 * `node --conditions=@hall/source --import tsx proof/src/harness/record-samples.ts`. Needs Debian's mosquitto: on an outside broker
 * the server's messages pass a cable too.
 */
import { spawnSync } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { addressOf, envelope, systemClock, topicOf } from '@hall/contracts';
import { createOnbonKSimulator, listenTcp } from '@hall/simulators';
import { createKeyBox } from '@hall/simulators';
import mqtt from 'mqtt';
import { HALL, PLATFORM, SOURCE, startHall, type RunningHall } from './hall.ts';
import { createSampler, type Sampler } from './message-samples.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const WAIT_MS = 30_000;
const LOOK_MS = 20;
/** The client by which the recorder makes an agent miss a change; what it says is no sample. */
const RECORDER = 'recorder';

const { machine } = systemClock();
async function until(what: string, holds: () => boolean): Promise<void> {
  for (const endMs = machine.nowMs() + WAIT_MS; !holds(); await machine.sleep(LOOK_MS)) {
    if (machine.nowMs() > endMs) throw new Error(`not within ${WAIT_MS / 1000} s: ${what}`);
  }
}

/** Lets a hall go through everything that makes server, agent or platform say something of its own. */
async function live(hall: RunningHall): Promise<void> {
  const { feed, messages } = hall;
  const uplink = () => hall.agents.get('agent-a')?.state().uplink;
  const heard = (name: string) => messages.seen.get(name) ?? 0;
  await until('the agent is welcomed', () => uplink() === 'welcomed');
  const [service = ''] = hall.content.windows[0]?.services ?? [];
  const staff = hall.content.staff[0]?.id ?? '';
  await feed.send([
    feed.event('window.opened', 'made-w01', { window: 'w01' }),
    feed.event('window.staff_on', 'made-w01', { window: 'w01', staff }),
    feed.event('ticket.issued', 'made-A001', { ticket: 'A001', service, name: '张三丰' }),
    feed.event('ticket.called', 'made-A001', { ticket: 'A001', window: 'w01' }),
    feed.event('window.opened', 'made-w02', { window: 'w02' }),
    feed.event('window.paused', 'made-w02', { window: 'w02', reason: 'meeting' }),
  ]);
  await until('the call is shown', () => hall.shown('w01').includes('A001'));
  await until('the server has acknowledged records', () => heard('upack') > 0);
  await until('the agent has said that it lives', () => heard('heartbeat') > 0);

  const platform = await mqtt.connectAsync(hall.platformMqttUrl, {
    clientId: PLATFORM,
    username: PLATFORM,
    password: hall.mqttPassword,
  });
  const topic = addressOf('platformEvents', { hall: HALL, platform: PLATFORM });
  await platform.subscribeAsync(addressOf('platformOutcome', { hall: HALL, platform: PLATFORM }), { qos: 1 });
  const once = feed.event('ticket.issued', 'made-A002', { ticket: 'A002', service, name: '李四' });
  const late = feed.event('ticket.recalled', 'made-A001', { ticket: 'A001', window: 'w01' }, { sequence: '9' });
  const elsewhere = feed.event('ticket.called', 'made-A003', { ticket: 'A003', window: 'no-such-window' });
  const beat = feed.event('feed.heartbeat', 'made-beat', {});
  const received = feed.event('case.received', 'made-case', {
    case: 'C-1',
    kind: 'promised',
    promisedDays: 3,
    applicant: '王五',
  });
  for (const said of [once, once, [received, late, elsewhere], beat, []]) {
    const before = heard('platformOutcome');
    await platform.publishAsync(topic, JSON.stringify(said), { qos: 1 });
    await until('the outcome is told', () => heard('platformOutcome') > before);
  }
  await platform.endAsync();

  await missAChange(hall);
  await until('the agent asks for what it missed', () => heard('resync') > 0);

  await searchAndTrace(hall);

  hall.strips.get('strip-w02')?.unplug(true);
  await until('the strip is offline', () => hall.agents.get('agent-a')?.state().devices['strip-w02']?.link === 'offline');
  hall.strips.get('strip-w02')?.unplug(false);
  await until('the strip is back', () => hall.agents.get('agent-a')?.state().devices['strip-w02']?.link === 'online');

  await command(hall);

  hall.cables.get('agent-a')?.unplug(true);
  await until('the agent is lost', () => hall.server.services.agents.list()[0]?.presence === 'lost');
  hall.cables.get('agent-a')?.unplug(false);
  await until('the agent is welcomed again', () => uplink() === 'welcomed');
  const copy = await hall.startAgent('agent-a', 'agent-a-copy');
  await until('a second one is fenced', () => copy.state().uplink === 'fenced');
  await copy.close();
  await until('the first is welcomed again', () => uplink() === 'welcomed');

  await hall.stopAgent('agent-a');
  await hall.startAgent('agent-a');
  await until('the agent is back', () => uplink() === 'welcomed');
  await hall.stopServer();
  await hall.startServer();
  await until('the server is back', () => uplink() === 'welcomed');
  await callAlone(hall);
}

/** A key is pressed while the server is there, then a window calls without it, and all is told when it is back. */
async function callAlone(hall: RunningHall): Promise<void> {
  const keys = createKeyBox({ file: path.join(hall.folder, 'agent-a', 'call-port.json'), window: 'w01' });
  const phase = () => hall.agents.get('agent-a')?.state().local.phase;
  await keys.press('next');
  await hall.stopServer();
  await until('the hall is alone', () => phase() === 'island');
  for (const act of ['next', 'recall', 'no_show', 'pause', 'resume'] as const) await keys.press(act);
  await hall.startServer();
  await hall.feed.send(hall.feed.event('feed.heartbeat', 'made-beat', {}));
  await until('the server is believed again', () => phase() === 'connected');
  await until('the acts are offered', () => (hall.messages.seen.get('platformIsland') ?? 0) > 0);
}

/** A search that meets a strip nobody knows and one that is driven, one that comes twice, and a look at raw frames. */
async function searchAndTrace({ server: { services }, content, clock }: RunningHall): Promise<void> {
  const asker = { by: 'recorder', address: '' };
  const [driven] = content.devices;
  const card = createOnbonKSimulator({ clock, deviceType: 0x61 });
  const line = await listenTcp(card, { host: '127.0.0.9', port: Number(driven?.settings['port']) });
  const ranges = [
    { from: '127.0.0.1', to: '127.0.0.1' },
    { from: '127.0.0.9', to: '127.0.0.9' },
  ];
  try {
    await services.discovery.search({ agents: ['agent-a'], seconds: 5, ranges, ports: [line.port] }, asker);
    await until('the search has ended', () => services.discovery.view().searches[0]?.state === 'done');
    await services.deviceTraces.start('strip-w01', { seconds: 10, frames: 2 }, asker);
    await until('the trace has ended', () => services.deviceTraces.newest('strip-w01')?.state === 'done');
  } finally {
    card.close();
    await line.close();
  }
}

/** A command that is applied, its way back, and one that is cancelled while its strip is away. */
async function command(hall: RunningHall): Promise<void> {
  const { commands } = hall.server.services;
  const asker = { by: 'sample', address: '127.0.0.1' };
  const ended = (id: string) => commands.get(id).command.state === 'ended';
  const black = await commands.give(asker, { act: 'black', device: 'strip-w01', arguments: { on: true } });
  await until('black is applied', () => ended(black.id));
  const light = await commands.give(asker, { act: 'black', device: 'strip-w01', arguments: { on: false } });
  await until('black is taken back', () => ended(light.id));
  hall.strips.get('strip-w02')?.unplug(true);
  await until('the strip is away', () => hall.agents.get('agent-a')?.state().devices['strip-w02']?.link === 'offline');
  const taken = await commands.give(asker, { act: 'identify', device: 'strip-w02', withinS: 60 });
  await until('the agent has noted it', () => commands.get(taken.id).command.state === 'persisted');
  await commands.cancel(asker, taken.id);
  await until('it is cancelled', () => ended(taken.id));
  hall.strips.get('strip-w02')?.unplug(false);
  await until('the strip is there', () => hall.agents.get('agent-a')?.state().devices['strip-w02']?.link === 'online');
}

/** Says in the server's name that there is a newer change than the agent has. */
async function missAChange(hall: RunningHall): Promise<void> {
  const link = hall.broker?.serverLink;
  if (!link) throw new Error('an outside broker is needed');
  const client = await mqtt.connectAsync(hall.server.mqttUrl, {
    clientId: RECORDER,
    username: link.username,
    password: await readFile(link.passwordFile, 'utf8'),
  });
  const { gen, head } = hall.agents.get('agent-a')?.state().live ?? { gen: '', head: 0 };
  const lease = { gen, head: head + 1, fresh: true, hallTime: { hallMs: hall.clock.hall.nowMs(), speed: 1 } };
  const message = envelope('lease', SOURCE, 'missed', hall.clock.wall.nowMs(), lease);
  await client.publishAsync(addressOf('lease', { hall: HALL, agent: 'agent-a' }), JSON.stringify(message));
  await client.endAsync();
}

async function write(sampler: Sampler): Promise<void> {
  const samples = sampler.samples();
  const silent = [...samples].filter(([, own]) => own.length === 0).map(([name]) => name);
  if (silent.length > 0) throw new Error(`nothing was said on: ${silent.join(', ')}`);
  const { version } = JSON.parse(await readFile(path.join(root, 'contracts/package.json'), 'utf8')) as { version: string };
  const folder = path.join(root, 'contracts/samples', version);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const [name, own] of samples) await writeFile(path.join(folder, `${name}.json`), `${JSON.stringify(own, null, 2)}\n`);
  spawnSync(path.join(root, 'node_modules/.bin/oxfmt'), [folder], { cwd: root, stdio: 'inherit' });
  for (const [name, own] of samples) console.log(`${name}: ${own.length}`);
}

const sampler = createSampler();
const hall = await startHall({
  windows: 2,
  boards: true,
  agentConfig: { island: { mode: 'at_once' } },
  broker: 'mosquitto',
  badOnPurpose: ['platformEvents'],
  also: ({ topic, payload, client, way }) => {
    if (typeof payload === 'string' || way === 'out' || client === RECORDER) return;
    if (topicOf(topic)?.name === 'platformEvents' && payload.length <= 2) return;
    sampler.take(topic, payload, way === 'will');
  },
});
try {
  await live(hall);
} finally {
  await hall.close();
}
await write(sampler);
