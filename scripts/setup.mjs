/** Brings a machine with only Node to where the product can run. Safe to run again: does only what is missing. */
import { pathToFileURL } from 'node:url';
import { buildAll } from './lib/builds.mjs';
import { checkNode, ensurePrograms } from './lib/machine.mjs';
import { installPackages, packagesCurrent } from './lib/packages.mjs';
import { giveUp, step } from './lib/say.mjs';

/**
 * Installs and builds what is missing. `tests`: also what the tests need (a browser, an MQTT broker, curl).
 * @param {{ tests: boolean }} options
 * @throws Stop with the way out
 */
export async function setup({ tests }) {
  await step('检查运行环境', 'Checking the machine', async () => {
    const node = checkNode();
    const current = await packagesCurrent();
    await ensurePrograms({ build: !current, tests });
    return node;
  });
  if (!(await packagesCurrent())) {
    await step('安装依赖并编译原生模块', 'Installing packages and compiling native modules', installPackages);
  }
  await step('构建', 'Building', async () => (await buildAll()).join(', ') || '无变化 unchanged');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await setup({ tests: process.argv.includes('--tests') }).catch(giveUp);
}
