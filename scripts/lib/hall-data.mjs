/** The folder `.hall`: made at the first start, found again at every later one. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root, run } from './run.mjs';
import { Stop } from './say.mjs';

export const HALL = 'main';
const SOURCE = '/city/queue';
/** The moment of the day at which a start begins: busy. */
const OPENS_AT_MINUTES = 10 * 60 + 20;

const readJson = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined);
function writeJson(file, value, mode = 0o644) {
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`, { mode });
  chmodSync(file, mode);
}

/** The day a start plays: a working day not yet played, today or later. */
function nextDay({ workingDayFrom, dayAfter }, calendar, lastDay) {
  const today = new Intl.DateTimeFormat('sv', { timeZone: calendar.zone }).format(new Date());
  const earliest = lastDay !== undefined && lastDay >= today ? dayAfter(lastDay) : today;
  return workingDayFrom(calendar, earliest);
}

async function tool(server, ...args) {
  const result = await run(process.execPath, [path.join(root, 'hall-server/bundle/main.js'), ...args, '--config', server]);
  if (result.code !== 0)
    throw new Stop(`准备数据失败：${args.slice(0, 2).join(' ')}。`, 'Preparing the data failed.', result.tail);
  return result.output;
}
/** The JSON object that a command printed, whatever else it said. */
function printed(output) {
  const line = output.split('\n').find((each) => each.startsWith('{'));
  if (line === undefined) throw new Stop('命令没有给出结果。', 'A command printed no result.', output.split('\n'));
  return JSON.parse(line);
}

/**
 * Writes the configurations of all processes and, at the first start, the hall content and the credentials.
 * Answers `{ first, day, files: { server, agents, newcomer, stage } }`.
 */
export async function prepareHall({ folder, ports, speed = 1 }) {
  const simulators = await import('@hall/simulators');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const agents = ['agent-a', 'agent-b', 'agent-c', 'agent-d'];
  const content = simulators.demoContent({ agents, stripPorts: ports.strips });
  const stateFile = path.join(folder, 'state.json');
  const state = readJson(stateFile) ?? {};
  const day = nextDay(simulators, content.calendar, state.lastDay);
  const plan = simulators.planDay(content.calendar, day);
  const simulation = { offsetMs: Math.round(plan.startMs + OPENS_AT_MINUTES * 60_000 - Date.now()), speed };

  const server = path.join(folder, 'server.json');
  writeJson(server, {
    hall: HALL,
    data: path.join(folder, 'server'),
    http: { port: ports.http },
    mqtt: { port: ports.mqtt },
    mqtts: { port: ports.mqtts },
    simulation,
  });
  const contentFile = path.join(folder, 'content.json');
  const text = JSON.stringify(content);
  const first = state.platform === undefined;
  // Content that was edited in the console stays; only other ports or a newer demonstration bring it anew.
  if (state.content !== text) {
    writeFileSync(contentFile, text);
    await tool(server, 'content', 'import', '--file', contentFile);
  }
  state.platform ??= printed(await tool(server, 'platform', 'add', 'city', '--source', SOURCE, '--json'));
  state.agents ??= {};
  for (const agent of agents) state.agents[agent] ??= printed(await tool(server, 'agent', 'add', agent, '--json')).password;
  writeJson(stateFile, { ...state, content: text, lastDay: day }, 0o600);

  const agentFiles = agents.map((agent, at) => {
    const file = path.join(folder, `${agent}.json`);
    const secret = path.join(folder, `${agent}.secret`);
    writeFileSync(secret, state.agents[agent], { mode: 0o600 });
    writeJson(file, {
      hall: HALL,
      agent,
      server: { url: `mqtt://127.0.0.1:${ports.cables[at]}`, passwordFile: secret },
      data: path.join(folder, agent),
      kiosk: { port: ports.kiosks[at] },
    });
    return { agent, file };
  });

  // Knows the address of the server and nothing else: it asks to be admitted.
  const newcomer = path.join(folder, 'new-agent.json');
  writeJson(newcomer, {
    hall: HALL,
    server: { url: `http://127.0.0.1:${ports.http}` },
    data: path.join(folder, 'new-agent'),
    kiosk: { port: ports.newKiosk },
  });

  const stage = path.join(folder, 'stage.json');
  const boards = content.devices.filter(({ driver }) => driver === 'kiosk');
  writeJson(
    stage,
    {
      hall: HALL,
      content,
      day,
      simulation,
      server: { baseUrl: `http://127.0.0.1:${ports.http}`, secret: state.platform.secret, source: SOURCE },
      cables: { target: { port: ports.mqtt }, agents: agents.map((agent, at) => ({ agent, port: ports.cables[at] })) },
      boards: boards.map(({ id, name, agent }) => ({
        name,
        url: `http://127.0.0.1:${ports.kiosks[agents.indexOf(agent)]}/screen/${id}`,
      })),
      consoleUrl: `http://127.0.0.1:${ports.http}/`,
      stage: { port: ports.stage },
    },
    0o600,
  );
  return { first, day, files: { server, agents: agentFiles, newcomer, stage } };
}
