/** What the machine must have: the right Node, a compiler for two native modules, and for tests a browser and a broker. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { run } from './run.mjs';
import { say, Stop } from './say.mjs';

const OLDEST_NODE = [20, 19];

export function checkNode(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return `Node ${version}`;
  throw new Stop(
    `需要 Node ${OLDEST_NODE.join('.')} 或更新版本，当前是 ${version}。`,
    `Node ${OLDEST_NODE.join('.')} or newer is needed, this is ${version}.`,
    ['请安装 Node 20 LTS 后重试。 Install Node 20 LTS and try again.'],
  );
}

/** Whether a program is on the path or in the folders where Debian puts servers. */
function has(program) {
  const folders = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => folder !== '' && existsSync(path.join(folder, program)));
}

/** Programs, any of which will do, and the Debian package that brings one. */
const toBuild = [
  { programs: ['g++'], debian: 'build-essential' },
  { programs: ['make'], debian: 'build-essential' },
  { programs: ['python3'], debian: 'python3' },
];
const toTest = [
  { programs: ['chromium', 'chromium-browser', 'google-chrome'], debian: 'chromium' },
  { programs: ['mosquitto'], debian: 'mosquitto' },
  { programs: ['mosquitto_pub'], debian: 'mosquitto-clients' },
  { programs: ['rabbitmq-server'], debian: 'rabbitmq-server' },
  { programs: ['nats-server'], debian: 'nats-server' },
  { programs: ['curl'], debian: 'curl' },
  { programs: ['ip'], debian: 'iproute2' },
  { programs: ['tc'], debian: 'iproute2' },
  { programs: ['nft'], debian: 'nftables' },
  { programs: ['faketime'], debian: 'faketime' },
];
const missing = (needs) => [...new Set(needs.filter(({ programs }) => !programs.some(has)).map(({ debian }) => debian))];

/** How to become root, or undefined where that is not possible. */
async function elevation() {
  if (process.getuid?.() === 0) return [];
  if (!has('sudo')) return undefined;
  const quiet = await run('sudo', ['-n', 'true']);
  if (quiet.code === 0) return ['sudo', '-n'];
  return process.stdin.isTTY ? ['sudo'] : undefined;
}

/** Debian starts a server when it is installed, and again at every start of the machine; the tests start their own and need none of that. */
const SERVERS = ['mosquitto', 'rabbitmq-server', 'nats-server'];
const QUIETLY = `policy=/usr/sbin/policy-rc.d; own=
[ -e "$policy" ] || { printf '#!/bin/sh\\nexit 101\\n' >"$policy"; chmod 755 "$policy"; own=yes; }
apt-get install -y --no-install-recommends "$@"; code=$?
[ -z "$own" ] || rm -f "$policy"
for one in "$@"; do case " ${SERVERS.join(' ')} " in *" $one "*)
  command -v systemctl >/dev/null && systemctl disable --now "$one" >/dev/null 2>&1;; esac; done
exit $code`;

async function install(packages) {
  const plain = ['apt-get', 'install', '-y', '--no-install-recommends', ...packages];
  const quiet = packages.some((name) => SERVERS.includes(name));
  const steps = [['apt-get', 'update'], quiet ? ['sh', '-c', QUIETLY, 'install-without-starting-servers', ...packages] : plain];
  const shown = [steps[0], plain].map((words) => words.join(' '));
  if (!has('apt-get')) {
    throw new Stop(
      `缺少 ${packages.join('、')}，且没有 apt-get。`,
      `${packages.join(', ')} are missing and there is no apt-get.`,
      ['请用系统的软件包管理器安装后重试。 Install them with the package manager of this system and try again.'],
    );
  }
  const become = await elevation();
  if (!become) {
    throw new Stop('需要管理员权限安装软件包。', 'Root is needed to install packages.', [
      '请管理员运行： Ask an administrator to run:',
      ...shown.map((line) => `    sudo ${line}`),
      '然后重试。 Then try again.',
    ]);
  }
  for (const words of steps) {
    const all = [...become, ...words];
    say(`  $ ${all.join(' ')}`);
    const [command, ...args] = all;
    const result = await run(command, args, {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      label: words.slice(0, 2).join(' '),
    });
    if (result.code === 0) continue;
    throw new Stop(`软件包安装失败：${words.join(' ')}`, `Installing packages failed.`, [
      ...result.tail.slice(-8),
      '',
      '如果没有网络，请先连接网络，或在联网的机器上运行上面的命令。 Without a network, connect first or run the commands above where there is one.',
    ]);
  }
}

/** Installs what is missing; every command is printed before it runs. */
export async function ensurePrograms({ build, tests }) {
  const packages = [...(build ? missing(toBuild) : []), ...(tests ? missing(toTest) : [])];
  if (packages.length === 0) return 'ok';
  say(`  缺少 missing: ${packages.join(' ')}`);
  await install([...new Set(packages)]);
  return packages.join(' ');
}

/**
 * Environment in which native modules compile without fetching anything but packages: the headers that came with this Node.
 */
export function buildEnvironment() {
  const prefix = path.resolve(process.execPath, '../..');
  const headers = existsSync(path.join(prefix, 'include/node/node.h'));
  return headers ? { ...process.env, npm_config_nodedir: prefix } : process.env;
}
