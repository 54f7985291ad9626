/** The `hall-server` command: runs a server until SIGTERM or SIGINT, or one of its tools. */
import { HallError, errorCodes } from '@hall/contracts';
import { Command } from 'commander';
import { VERSION, createHallServer } from './app.ts';
import { readConfig } from './config.ts';
import {
  addAgent,
  addPlatform,
  admitAgent,
  exportContent,
  importContent,
  listEnrolments,
  listPlatforms,
  removeAgent,
  removePlatform,
  revokeAgent,
  rotatePlatform,
} from './tools.ts';

const print = (value: object, json: boolean | undefined): void => {
  const lines = Object.entries(value).map(([name, each]) => `${name}: ${Array.isArray(each) ? each.join(' ') : String(each)}`);
  process.stdout.write(`${json ? JSON.stringify(value) : lines.join('\n')}\n`);
};

const tell = ({ code, details }: HallError): void => {
  const { zh, en } = errorCodes[code];
  process.stderr.write(`${code}: ${zh} ${en}\n${JSON.stringify(details)}\n`);
};

async function start(file: string): Promise<void> {
  const server = await createHallServer(readConfig(file));
  const { bootstrapCode, httpUrl, mqttUrl, mqttsUrl } = server;
  process.stdout.write(`控制台 console: ${httpUrl}\nMQTT: ${mqttUrl}\n`);
  if (mqttsUrl !== undefined) {
    const { trust } = await server.services.security.view();
    process.stdout.write(`MQTT TLS: ${mqttsUrl}\n服务器校验码 code of the server: ${trust.code}\n`);
    process.stdout.write(`caFingerprint: ${trust.fingerprint}\n`);
  }
  if (bootstrapCode !== undefined) process.stdout.write(`一次性登录码 one-time code (10 min): ${bootstrapCode}\n`);
  const ended = new Promise<number>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(0));
    void server.failed.then((error) => {
      if (error instanceof HallError) tell(error);
      resolve(1);
    });
  });
  process.exitCode = await ended;
  await server.close();
}

const program = new Command('hall-server').description('Hall Control server').version(VERSION);
const config = ['-c, --config <file>', 'configuration file (JSON)', 'hall-server.json'] as const;
const json = ['--json', 'print JSON'] as const;
interface Options {
  readonly config: string;
  readonly json?: boolean;
}

program
  .command('start')
  .description('run the server until it is told to stop')
  .option(...config)
  .action(({ config: file }: Options) => start(file));

const platform = program.command('platform').description('city platforms that may send events');
platform
  .command('add <id>')
  .description('admit a platform; its secrets are shown this once')
  .requiredOption('--source <uri...>', 'CloudEvents source it may use; may be repeated')
  .option(...config)
  .option(...json)
  .action(async (id: string, { config: file, json: asJson, source }: Options & { source: string[] }) =>
    print(await addPlatform(readConfig(file).data, id, source), asJson),
  );
platform
  .command('rotate <id>')
  .description('make a new signing secret; the two before it stay valid')
  .option(...config)
  .option(...json)
  .action(async (id: string, { config: file, json: asJson }: Options) =>
    print(await rotatePlatform(readConfig(file).data, id), asJson),
  );
platform
  .command('remove <id>')
  .description('forget a platform; what it sent stays')
  .option(...config)
  .action((id: string, { config: file }: Options) => removePlatform(readConfig(file).data, id));
platform
  .command('list')
  .description('platforms, their sources and how many secrets are valid')
  .option(...config)
  .option(...json)
  .action(async ({ config: file, json: asJson }: Options) => {
    for (const row of await listPlatforms(readConfig(file).data)) print(row, asJson);
  });

const agent = program.command('agent').description('edge agents');
agent
  .command('add <id>')
  .description('admit an agent or give it a new credential; shown this once')
  .option(...config)
  .option(...json)
  .action(async (id: string, { config: file, json: asJson }: Options) =>
    print(await addAgent(readConfig(file).data, id), asJson),
  );
agent
  .command('remove <id>')
  .description('forget an agent that has no devices any more')
  .option(...config)
  .action((id: string, { config: path }: Options) => {
    const { data, hall } = readConfig(path);
    return removeAgent(data, hall, id);
  });

agent
  .command('enrolments')
  .description('agents that ask to be admitted, with the code each one shows')
  .option(...config)
  .option(...json)
  .action(async ({ config: file, json: asJson }: Options) => {
    for (const row of await listEnrolments(readConfig(file).data)) print(row, asJson);
  });
agent
  .command('admit <code> <id>')
  .description('admit the agent that shows this code')
  .option('--take-over', 'the agent exists: what spoke for it before is revoked')
  .option(...config)
  .action((code: string, id: string, { config: file, takeOver = false }: Options & { takeOver?: boolean }) =>
    admitAgent(readConfig(file).data, code, id, takeOver),
  );
agent
  .command('revoke <id>')
  .description('revoke keys and password of an agent; its session is cut')
  .option(...config)
  .action((id: string, { config: file }: Options) => revokeAgent(readConfig(file).data, id));

const content = program.command('content').description('hall content: departments, services, windows, devices');
content
  .command('import')
  .description('make a file the whole content; nothing changes if it has an error')
  .requiredOption('--file <file>', 'JSON file with the whole content')
  .option(...config)
  .option(...json)
  .action(async ({ config: path, json: asJson, file }: Options & { file: string }) => {
    const { data, hall } = readConfig(path);
    print(await importContent(data, hall, file), asJson);
  });
content
  .command('export')
  .description('print the whole content as JSON')
  .option(...config)
  .action(async ({ config: path }: Options) => {
    const { data, hall } = readConfig(path);
    process.stdout.write(`${JSON.stringify(await exportContent(data, hall), null, 2)}\n`);
  });

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof HallError)) throw error;
  tell(error);
  process.exitCode = 1;
}
