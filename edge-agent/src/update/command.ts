/** `hall-agent pack` and `hall-agent updates trust|list|distrust`. */
import { readFile, writeFile } from 'node:fs/promises';
import { HallError, systemClock } from '@hall/contracts';
import { InvalidArgumentError, type Command } from 'commander';
import { readConfig } from '../config.ts';
import { SCHEMA_VERSION } from '../store/schema-version.ts';
import { pack } from './pack.ts';
import { distrustKey, keyFolder, trustedKeys, trustKey } from './trusted-keys.ts';

const CONFIG = ['--config <file>', '配置文件 JSON configuration file'] as const;
const say = (line: string) => void process.stdout.write(`${line}\n`);
const keyFile = (file: string) =>
  readFile(file, 'utf8').catch((error: unknown) => {
    throw new HallError('UPDATE_KEY_INVALID', { field: 'key', reason: 'cannot be read' }, error);
  });
function version(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('1 … 9999');
  return Number(text);
}

/** `run` turns a `HallError` into a message and an exit code. */
export function updateCommands(program: Command, run: (work: () => Promise<void>) => Promise<void>): void {
  program
    .command('pack')
    .description('制作签名更新包 Make a signed bundle of a built agent package')
    .requiredOption('--from <folder>', '代理包目录 Folder of the package, with bundle/ in it')
    .requiredOption('--key <file>', '签名私钥 PEM file of an Ed25519 private key')
    .requiredOption('--out <file>', '输出文件 File to write')
    .option('--schema <version>', '数据库版本 Version of the database it works with', version, SCHEMA_VERSION)
    .action(({ from, key, out, schema }: { from: string; key: string; out: string; schema: number }) =>
      run(async () => {
        const pem = await keyFile(key);
        const { bundle, manifest, sha256 } = pack({ from, key: pem, schema, created: systemClock().wall.nowMs() });
        await writeFile(out, bundle);
        say(`${sha256} ${manifest.version} ${bundle.length} B`);
      }),
    );
  const updates = program.command('updates').description('本机信任的更新签名公钥 Keys that may sign updates of this agent');
  updates
    .command('trust')
    .description('登记公钥 Trust an Ed25519 public key')
    .requiredOption(...CONFIG)
    .requiredOption('--name <name>', '名称 Whose key it is')
    .requiredOption('--key <file>', '公钥文件 PEM file of the public key')
    .action(({ config, name, key }: { config: string; name: string; key: string }) =>
      run(async () => {
        await readConfig(config);
        say(`${trustKey(keyFolder(config), name, await keyFile(key)).fingerprint} ${name}`);
      }),
    );
  updates
    .command('list')
    .description('列出 List what is trusted')
    .requiredOption(...CONFIG)
    .action(({ config }: { config: string }) =>
      run(async () => {
        await readConfig(config);
        for (const { fingerprint, name } of trustedKeys(keyFolder(config))) say(`${fingerprint} ${name}`);
      }),
    );
  updates
    .command('distrust')
    .description('撤销 Trust a key no longer, by name or fingerprint')
    .requiredOption(...CONFIG)
    .requiredOption('--name <name>', '名称或指纹 Name or fingerprint')
    .action(({ config, name }: { config: string; name: string }) =>
      run(async () => {
        await readConfig(config);
        distrustKey(keyFolder(config), name);
      }),
    );
}
