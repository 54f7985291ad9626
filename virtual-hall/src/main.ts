#!/usr/bin/env node
/** `node dist/main.js <config.json>`: runs the stage until SIGTERM or SIGINT. A parent process may offer kill -9 through messages. */
import { HallError, systemClock } from '@hall/contracts';
import { readStageConfig } from './config.ts';
import { parentControl } from './control.ts';
import { createVirtualHall } from './virtual-hall.ts';

function fail(error: unknown): never {
  const text = error instanceof HallError ? `${error.code}: ${error.message} ${JSON.stringify(error.details)}` : String(error);
  process.stderr.write(`${text}\n`);
  process.exit(1);
}

const [file] = process.argv.slice(2);
if (file === undefined) fail('usage: node dist/main.js <config.json>');
try {
  const config = readStageConfig(file);
  const clock = systemClock(config.simulation);
  const hall = await createVirtualHall(config, { clock, control: parentControl(process) });
  process.stdout.write(`stage ${hall.url}\n`);
  process.send?.({ ready: hall.url });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void hall.close().then(() => process.exit(0), fail));
  }
} catch (error) {
  fail(error);
}
