/** `hall-agent start --config file.json`: runs one agent until SIGTERM or SIGINT. */
import { HallError, systemClock } from '@hall/contracts';
import { Command } from 'commander';
import { createEdgeAgent, type EdgeAgent } from './agent.ts';
import { createLog } from './commands/log-ring.ts';
import type { Codes } from './enrolment/enrol.ts';
import { readConfig } from './config.ts';
import { VERSION } from './version.ts';

/** Names of values that never reach a log line, whatever object they come in. */
const secrets = ['password', '*.password', 'err.password'];

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
  const open = () => createEdgeAgent(config, { clock: systemClock(), log, logs, restart, onCodes: announce });
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
  const stop = (signal: NodeJS.Signals) => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'agent stopping');
    agent.close().then(
      () => process.exit(0),
      (error: unknown) => {
        log.fatal({ err: error }, 'agent could not close');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  said(agent);
}

const program = new Command('hall-agent').description('大厅边缘代理 Edge agent of Hall Control').version(VERSION);
program
  .command('start')
  .description('运行代理 Run the agent')
  .requiredOption('--config <file>', '配置文件 JSON configuration file')
  .action(async ({ config }: { config: string }) => {
    try {
      await start(config);
    } catch (error) {
      if (!(error instanceof HallError)) throw error;
      const { field, reason, ...rest } = error.details as { field?: string; reason?: string };
      const more = Object.keys(rest).length > 0 ? ` ${JSON.stringify(rest)}` : '';
      process.stderr.write(`${error.code}: ${error.message}${field === undefined ? '' : ` ${field}: ${reason}`}${more}\n`);
      process.exit(1);
    }
  });
await program.parseAsync();
