/** `hall-agent start --config file.json`: runs one agent until SIGTERM or SIGINT. */
import { HallError, systemClock } from '@hall/contracts';
import { Command } from 'commander';
import { pino } from 'pino';
import { createEdgeAgent } from './agent.ts';
import { approverCommands } from './approvers/command.ts';
import { readConfig } from './config.ts';
import { VERSION } from './version.ts';

/** Names of values that never reach a log line, whatever object they come in. */
const secrets = ['password', '*.password', 'err.password'];

async function start(file: string): Promise<void> {
  const config = await readConfig(file);
  const log = pino({ level: config.log, redact: secrets });
  const agent = await createEdgeAgent(config, { clock: systemClock(), log });
  let stopping = false;
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
  log.info({ kiosk: agent.kioskUrl, agent: config.agent }, 'agent started');
}

/** What a person can put right is said in one line; anything else is a fault of the program. */
async function run(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof HallError)) throw error;
    const { field, reason, ...rest } = error.details as { field?: string; reason?: string };
    const more = Object.keys(rest).length > 0 ? ` ${JSON.stringify(rest)}` : '';
    process.stderr.write(`${error.code}: ${error.message}${field === undefined ? '' : ` ${field}: ${reason}`}${more}\n`);
    process.exit(1);
  }
}

const program = new Command('hall-agent').description('大厅边缘代理 Edge agent of Hall Control').version(VERSION);
program
  .command('start')
  .description('运行代理 Run the agent')
  .requiredOption('--config <file>', '配置文件 JSON configuration file')
  .action(({ config }: { config: string }) => run(() => start(config)));
approverCommands(program, run);
await program.parseAsync();
