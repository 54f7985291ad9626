/** `hall-agent approver add|list|remove`: on the agent's own machine, never through the server. */
import { readFile } from 'node:fs/promises';
import { HallError } from '@hall/contracts';
import type { Command } from 'commander';
import { readConfig } from '../config.ts';
import { addApprover, approversIn, removeApprover } from './file.ts';

const CONFIG = ['--config <file>', '配置文件 JSON configuration file'] as const;
const say = (line: string) => void process.stdout.write(`${line}\n`);

/** `run` turns a `HallError` into a message and an exit code. */
export function approverCommands(program: Command, run: (work: () => Promise<void>) => Promise<void>): void {
  const approver = program.command('approver').description('本机内容审批公钥 Keys that may approve content at this agent');
  approver
    .command('add')
    .description('登记公钥 Enrol an Ed25519 public key')
    .requiredOption(...CONFIG)
    .requiredOption('--name <name>', '审批人 Whose key it is')
    .requiredOption('--key <file>', '公钥文件 PEM file of the public key')
    .action(({ config, name, key }: { config: string; name: string; key: string }) =>
      run(async () => {
        const { data } = await readConfig(config);
        const pem = await readFile(key, 'utf8').catch((error: unknown) => {
          throw new HallError('APPROVER_INVALID', { field: 'key', reason: 'cannot be read' }, error);
        });
        const { fingerprint } = await addApprover(data, name, pem);
        say(`${fingerprint} ${name}`);
      }),
    );
  approver
    .command('list')
    .description('列出 List what is enrolled')
    .requiredOption(...CONFIG)
    .action(({ config }: { config: string }) =>
      run(async () => {
        const { data } = await readConfig(config);
        for (const { fingerprint, name } of await approversIn(data)) say(`${fingerprint} ${name}`);
      }),
    );
  approver
    .command('remove')
    .description('撤销 Remove a key, by name or fingerprint')
    .requiredOption(...CONFIG)
    .requiredOption('--name <name>', '审批人或指纹 Name or fingerprint')
    .action(({ config, name }: { config: string; name: string }) =>
      run(async () => {
        const { data } = await readConfig(config);
        await removeApprover(data, name);
      }),
    );
}
