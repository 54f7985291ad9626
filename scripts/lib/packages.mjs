/** npm packages: installed when the lock file or the Node version is not the one of the last time. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildEnvironment } from './machine.mjs';
import { root, run } from './run.mjs';
import { Stop } from './say.mjs';

const stampFile = path.join(root, 'node_modules/.hall-setup');

/** What the installed packages depend on. */
function wanted() {
  const lock = readFileSync(path.join(root, 'package-lock.json'));
  return `${createHash('sha256').update(lock).digest('hex')} ${process.versions.modules} ${process.platform}-${process.arch}\n`;
}
const stamped = () => (existsSync(stampFile) ? readFileSync(stampFile, 'utf8') : '');

/** Packages installed by hand for this very lock file count, if the native ones load. */
async function usable() {
  if (!existsSync(path.join(root, 'node_modules/.package-lock.json'))) return false;
  const installed = readFileSync(path.join(root, 'node_modules/.package-lock.json'), 'utf8');
  const locked = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')).packages ?? {};
  const versions = JSON.parse(installed).packages ?? {};
  const same = Object.entries(versions).every(
    ([name, { version }]) => version === undefined || locked[name]?.version === version,
  );
  if (!same) return false;
  const probe = "new (require('better-sqlite3'))(':memory:').close(); require('@serialport/bindings-cpp')";
  return (await run(process.execPath, ['-e', probe])).code === 0;
}

export async function packagesCurrent() {
  if (stamped() === wanted()) return true;
  if (stamped() !== '' || !(await usable())) return false;
  writeFileSync(stampFile, wanted());
  return true;
}

export async function installPackages() {
  const npm = process.env.npm_execpath;
  const [command, args] = npm?.endsWith('.js') ? [process.execPath, [npm, 'ci']] : ['npm', ['ci']];
  const result = await run(command, [...args, '--no-audit', '--no-fund'], { env: buildEnvironment(), label: 'npm ci' });
  if (result.code === 0) {
    writeFileSync(stampFile, wanted());
    return;
  }
  const { output, tail } = result;
  if (/\b(ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|network)\b/i.test(output)) {
    throw new Stop('下载依赖失败：没有网络。', 'Packages could not be fetched: no network.', [
      '请检查网络或代理（npm config set proxy …），或设置可用的 npm 源，然后重试。',
      'Check the network or proxy (npm config set proxy …), or set a registry that can be reached, and try again.',
    ]);
  }
  if (/gyp ERR|not found: make|g\+\+: (command )?not found/.test(output)) {
    throw new Stop('编译原生模块失败。', 'Compiling a native module failed.', [
      ...tail.filter((line) => /gyp ERR! (stack|find|not ok)|error:/.test(line)).slice(0, 6),
      '需要 build-essential、python3 和 Node 的头文件（<前缀>/include/node）。',
      'build-essential, python3 and the headers of this Node (<prefix>/include/node) are needed.',
    ]);
  }
  if (/ENOSPC/.test(output)) {
    throw new Stop('磁盘空间不足。', 'The disk is full.', ['需要约 1 GB。 About 1 GB is needed.']);
  }
  throw new Stop('npm ci 失败。', 'npm ci failed.', tail.slice(-15));
}
