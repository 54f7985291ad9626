/**
 * `npm start`: a whole hall on this machine. Sets up what is missing, then runs the hall server, four edge agents and the
 * virtual hall (strips, city platform, stage) until Ctrl-C. `--port-base N` moves all ports, `--data DIR` the data.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createChild } from './lib/child.mjs';
import { prepareHall } from './lib/hall-data.mjs';
import { choosePorts, requireFree } from './lib/ports.mjs';
import { root } from './lib/run.mjs';
import { elapsed, giveUp, say, step, Stop } from './lib/say.mjs';
import { setup } from './setup.mjs';

const READY_MS = 30_000;
const FIRST_PORT = 1024;
const LAST_BASE = 65_000;

function readOptions() {
  let values;
  try {
    ({ values } = parseArgs({
      options: { 'port-base': { type: 'string' }, data: { type: 'string' }, 'skip-setup': { type: 'boolean' } },
    }));
  } catch (error) {
    throw new Stop('参数不正确。', `${error.message}.`, ['npm start -- [--port-base 20000] [--data folder]']);
  }
  const given = values['port-base'] ?? process.env.HALL_PORT_BASE;
  const base = given === undefined ? undefined : Number(given);
  if (base !== undefined && !(Number.isInteger(base) && base >= FIRST_PORT && base <= LAST_BASE)) {
    throw new Stop('--port-base 不正确。', `--port-base must be ${FIRST_PORT} to ${LAST_BASE}.`);
  }
  return { base, folder: path.resolve(root, values.data ?? '.hall'), skipSetup: values['skip-setup'] === true };
}

/** Waits until the server answers, or until it is clear that it will not. */
async function answering(url, failed) {
  const untilMs = Date.now() + READY_MS;
  while (Date.now() < untilMs) {
    if (failed()) break;
    const reply = await fetch(url).catch(() => undefined);
    if (reply?.ok) return;
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
  }
  throw new Stop('大厅服务器没有启动。', 'The hall server did not start.', ['日志 log: .hall/logs/server.log']);
}

async function main() {
  say('大厅控制 Hall Control');
  const { base, folder, skipSetup } = readOptions();
  const ports = choosePorts(base);
  if (!skipSetup) await setup({ tests: false });
  await requireFree(ports);
  const { first, day, files } = await step('准备大厅数据', 'Preparing the hall', async () => prepareHall({ folder, ports }));
  say(`  ${first ? '新的大厅 a new hall' : '沿用已有数据 existing data'}: ${folder}`);

  const logs = path.join(folder, 'logs');
  const children = new Map();
  let code;
  let ready = () => {};
  const stageReady = new Promise((resolve) => {
    ready = resolve;
  });
  let stopping;
  const stopAll = async (exitCode) => {
    stopping ??= (async () => {
      say('\n正在停止 Stopping …');
      // The stage first, so that no event is on its way; then the edge; the server last.
      await children.get('stage')?.stop();
      await Promise.all([...children.values()].filter(({ name }) => name.startsWith('agent-')).map((child) => child.stop()));
      await children.get('server')?.stop();
      say('已停止 Stopped');
      process.exit(exitCode);
    })();
    return stopping;
  };
  let hopelessName;
  const hopeless = (name, tail) => {
    hopelessName = name;
    say(`✗ ${name} 反复退出 keeps dying. 日志 log: ${path.join(logs, `${name}.log`)}`);
    for (const line of tail) say(`  ${line}`);
    void stopAll(1);
  };
  const states = new Map();
  const add = (name, args, more = {}) => {
    const state = (now) => {
      states.set(name, now);
      children.get('stage')?.send({ process: name, state: now });
    };
    const child = createChild({ name, args, logs, hopeless, ...(name === 'stage' ? {} : { state }), ...more });
    children.set(name, child);
    child.start();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void stopAll(0));

  await step('启动大厅服务器', 'Starting the hall server', async () => {
    add('server', ['start', '--config', files.server], {
      command: path.join(root, 'hall-server/bundle/main.js'),
      line: (line) => {
        const found = /one-time code[^:]*: *(\S+)/.exec(line);
        if (!found) return;
        code = found[1];
        if (states.has('told')) say(`一次性登录码 one-time code (10 min): ${code}`);
      },
    });
    await answering(`http://127.0.0.1:${ports.http}/healthz`, () => hopelessName !== undefined);
  });
  await step('启动四个边缘代理与虚拟大厅', 'Starting four edge agents and the virtual hall', async () => {
    add('stage', [path.join(root, 'virtual-hall/dist/main.js'), files.stage], {
      message: (message) => {
        if (typeof message?.ready === 'string') {
          for (const [name, state] of states) children.get('stage')?.send({ process: name, state });
          ready(message.ready);
        }
        if (typeof message?.kill === 'string' && message.kill !== 'stage') children.get(message.kill)?.kill();
      },
    });
    for (const { agent, file } of files.agents) {
      add(agent, ['start', '--config', file], { command: path.join(root, 'edge-agent/bundle/main.js') });
    }
    const late = new Promise((_, reject) => {
      setTimeout(
        () =>
          reject(
            new Stop('虚拟大厅没有启动。', 'The virtual hall did not start.', [`日志 log: ${path.join(logs, 'stage.log')}`]),
          ),
        READY_MS,
      ).unref();
    });
    await Promise.race([stageReady, late]);
  });

  say();
  say(`大厅已运行 The hall is running (${elapsed()}); 大厅时间 hall time ${day} 10:20`);
  say(`  虚拟大厅 stage    http://127.0.0.1:${ports.stage}/`);
  say(`  控制台   console  http://127.0.0.1:${ports.http}/`);
  if (code !== undefined) say(`  一次性登录码 one-time code (10 min): ${code}`);
  const newcomer = path.relative(process.cwd(), files.newcomer);
  say(`  添加代理 add an agent: edge-agent/bundle/main.js start --config ${newcomer}`);
  say(`  数据 data ${folder} · 日志 logs ${logs}`);
  say('  Ctrl-C 停止 stops everything');
  states.set('told', 'running');
}

await main().catch(giveUp);
