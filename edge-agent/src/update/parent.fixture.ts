/** The parent of `hall-agent run` over a made-up installed agent, with short times; ends itself where the test wants it to be killed. */
import { HallError, systemClock } from '@hall/contracts';
import { pino } from 'pino';
import { superviseAgent } from '../run/supervisor.ts';
import { createLauncher, type Launcher } from './launcher.ts';

export interface ParentOptions {
  readonly data: string;
  readonly keys: string;
  readonly script: string;
  readonly packageFolder: string;
  readonly withinMs: number;
  readonly settleMs: number;
  readonly silentMs: number;
  /** Call of the launcher before or after which this process is killed: `before pass`; `after trial`: a trial is about to be started. */
  readonly dieAt?: string;
}

const options = JSON.parse(process.argv[2] ?? 'null') as ParentOptions | null;
if (!options) throw new HallError('INPUT_INVALID');
const { data, keys, script, packageFolder, dieAt, silentMs, ...gate } = options;
const log = pino();
const clock = systemClock();

function dies(when: string): void {
  if (when === dieAt) process.kill(process.pid, 'SIGKILL');
}
function mortal<A extends unknown[], R>(name: keyof Launcher, call: (...args: A) => R): (...args: A) => R {
  return (...args) => {
    dies(`before ${name}`);
    const result = call(...args);
    dies(`after ${name}`);
    return result;
  };
}
const launcher = createLauncher({ data, keys, script, version: '1.0.0', packageFolder }, log);
const supervisor = superviseAgent({
  flags: [],
  args: [data],
  launcher: {
    next() {
      const launch = launcher.next();
      if (launch.trial) dies('after trial');
      return launch;
    },
    begin: mortal('begin', launcher.begin),
    pass: mortal('pass', launcher.pass),
    rollBack: mortal('rollBack', launcher.rollBack),
  },
  gate,
  silentMs,
  clock,
  log,
  random: () => 0,
});
process.on('SIGTERM', supervisor.stop);
process.exit(await supervisor.ended);
