/** `hall-agent start`: runs one agent until SIGTERM or SIGINT. `hall-agent run`: the same with somebody who starts it again. */
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { HallError, systemClock } from '@hall/contracts';
import type { EdgeAgent } from './agent.ts';
import { createLog } from './commands/log-ring.ts';
import type { Codes } from './enrolment/enrol.ts';
import { Command, InvalidArgumentError } from 'commander';
import { approverCommands } from './approvers/command.ts';
import { readConfig } from './config.ts';
import { packageFolderOf } from '@hall/runtime';
import { beat, parentOfThis } from './run/heartbeat.ts';
import { superviseAgent } from './run/supervisor.ts';
import { updateCommands } from './update/command.ts';
import { createLauncher } from './update/launcher.ts';
import { keyFolder } from './update/trusted-keys.ts';
import { VERSION } from './version.ts';
import { watchLoop } from './watchdog/loop-watch.ts';

/** For whoever stands beside the machine: what to compare in the console. */
function announce(codes: Codes | undefined): void {
  if (!codes) {
    process.stdout.write('已登记 Admitted.\n');
    return;
  }
  process.stdout.write(
    `等待管理员登记。请在控制台“代理”页核对校验码：${codes.code}\n` +
      `Waiting to be admitted. Compare this code in the console, room "Agents": ${codes.code}\n` +
      `服务器校验码 Code of the server: ${codes.trustCode}\n`,
  );
}

async function start(file: string): Promise<void> {
  const config = await readConfig(file);
  const { log, ring: logs } = createLog(config.log);
  const clock = systemClock();
  // Loaded here, for the parent process of `run` needs none of it.
  const { createEdgeAgent } = await import('./agent.ts');
  await mkdir(config.data, { recursive: true });
  const loop = watchLoop({ data: config.data }, clock);
  const configHash = createHash('sha256')
    .update(await readFile(file))
    .digest('hex')
    .slice(0, 16);
  const parent = parentOfThis();
  const updates = parent && { parent, keys: keyFolder(file) };
  const open = () =>
    createEdgeAgent(config, { clock, log, logs, restart, onCodes: announce, loop, configHash, ...(updates && { updates }) });
  const said = ({ kioskUrl }: EdgeAgent) => log.info({ kiosk: kioskUrl, agent: config.agent }, 'agent started');
  let agent = await open();
  let stopping = false;
  /** Within this process: it works with or without a service manager, and one that cannot go on ends for good. */
  async function reopen(): Promise<void> {
    log.info('agent restarts');
    await agent.close();
    if (stopping) return;
    agent = await open();
    said(agent);
  }
  function restart(): void {
    if (stopping) return;
    reopen().catch((error: unknown) => {
      log.fatal({ err: error }, 'agent could not restart');
      process.exit(1);
    });
  }
  const stop = (signal: NodeJS.Signals | 'orphaned') => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'agent stopping');
    agent.close().then(
      () => {
        loop.stop();
        process.exit(0);
      },
      (error: unknown) => {
        log.fatal({ err: error }, 'agent could not close');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  beat(
    clock,
    () => stop('orphaned'),
    () => agent.facts(),
  );
  said(agent);
}

/** @throws HallError CONFIG_INVALID, before anything is started. */
async function run(file: string, silentS: number): Promise<void> {
  const { log: level, data } = await readConfig(file);
  const { log } = createLog(level);
  const [, script = ''] = process.argv;
  const packageFolder = fileURLToPath(packageFolderOf(import.meta.url));
  const supervisor = superviseAgent({
    flags: process.execArgv,
    args: ['start', '--config', file],
    launcher: createLauncher({ data, keys: keyFolder(file), script, version: VERSION, packageFolder }, log),
    silentMs: silentS * 1000,
    clock: systemClock(),
    log,
    random: Math.random,
  });
  process.on('SIGTERM', supervisor.stop);
  process.on('SIGINT', supervisor.stop);
  process.exit(await supervisor.ended);
}

/** What a person can put right is said in one line; anything else is a fault of the program. */
function say(error: unknown): void {
  if (!(error instanceof HallError)) throw error;
  const { field, reason, ...rest } = error.details as { field?: string; reason?: string };
  const more = Object.keys(rest).length > 0 ? ` ${JSON.stringify(rest)}` : '';
  process.stderr.write(`${error.code}: ${error.message}${field === undefined ? '' : ` ${field}: ${reason}`}${more}\n`);
  process.exit(1);
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value >= 5 && value <= 3600)) throw new InvalidArgumentError('5 … 3600');
  return value;
}

const program = new Command('hall-agent').description('大厅边缘代理 Edge agent of Hall Control').version(VERSION);
program
  .command('start')
  .description('运行代理 Run the agent')
  .requiredOption('--config <file>', '配置文件 JSON configuration file')
  .action(({ config }: { config: string }) => start(config).catch(say));
program
  .command('run')
  .description('运行代理，并在其退出或无响应时重启 Run the agent and start it again when it ends or falls silent')
  .requiredOption('--config <file>', '配置文件 JSON configuration file')
  .option('--silent <seconds>', '无响应多久后重启 Silence after which it is killed', seconds, 30)
  .action(({ config, silent }: { config: string; silent: number }) => run(config, silent).catch(say));
updateCommands(program, (work) => work().catch(say));
approverCommands(program, (work) => work().catch(say));
await program.parseAsync();
