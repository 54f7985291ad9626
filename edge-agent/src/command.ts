/** `hall-agent start --config file.json`: runs one agent until SIGTERM or SIGINT. */
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { HallError, systemClock } from '@hall/contracts';
import { Command } from 'commander';
import { pino } from 'pino';
import { createEdgeAgent } from './agent.ts';
import { readConfig } from './config.ts';
import { VERSION } from './version.ts';
import { watchLoop } from './watchdog/loop-watch.ts';

/** Names of values that never reach a log line, whatever object they come in. */
const secrets = ['password', '*.password', 'err.password'];

async function start(file: string): Promise<void> {
  const config = await readConfig(file);
  const log = pino({ level: config.log, redact: secrets });
  const clock = systemClock();
  await mkdir(config.data, { recursive: true });
  const loop = watchLoop({ data: config.data }, clock);
  const configHash = createHash('sha256')
    .update(await readFile(file))
    .digest('hex')
    .slice(0, 16);
  const agent = await createEdgeAgent(config, { clock, log, loop, configHash });
  let stopping = false;
  const stop = (signal: NodeJS.Signals) => {
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
  log.info({ kiosk: agent.kioskUrl, agent: config.agent }, 'agent started');
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
