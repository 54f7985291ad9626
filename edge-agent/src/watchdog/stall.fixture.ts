/** For tests: a process whose loop is watched and stands still as long as told: `stall.fixture.ts <data> <still ms> <limit ms>`. */
import { systemClock } from '@hall/contracts';
import { watchLoop } from './loop-watch.ts';

const [, , data = '', still = '0', limit = '0'] = process.argv;
const { machine } = systemClock();
const watch = watchLoop({ data, stallMs: Number(limit) }, { ...systemClock() });
await machine.sleep(2000);
process.stdout.write('ready\n');
const end = process.hrtime.bigint() + BigInt(still) * 1_000_000n;
while (process.hrtime.bigint() < end);
await machine.sleep(1000);
process.stdout.write(`${JSON.stringify(watch.take())}\n`);
watch.stop();
