/** What becomes of one command that has begun: done on the device, read back where that is possible, and the end it comes to. */
import { codeOf, MOST_LOG_CHARACTERS, type ActArguments, type CommandEnd, type CommandOutcome } from '@hall/contracts';
import type { DeviceHost } from '../devices/device-host.ts';
import type { Reading } from '../drivers/driver.ts';
import { beforeOf, isAsCommanded, overridesAfter, type Overrides } from '../screens/overlay.ts';
import type { OverrideKeeper } from '../screens/overrides.ts';
import type { LogRing } from './log-ring.ts';
import type { JournalCommand } from './sql.ts';

/** A device that has not taken the picture of an override within this is not waited for any longer, ms of machine time. */
export const CONFIRM_MS = 10_000;
/** A device rounds a percentage to its own steps; half of a coarse one. */
const ROUNDING_PERCENT = 5;

/** Who says no ends a command as refused; whatever else goes wrong, as failed. */
const outcomeOf = (error: unknown): CommandOutcome =>
  ['DEVICE_REFUSED', 'ACT_UNSUPPORTED'].includes(codeOf(error)) ? 'refused' : 'failed';

const asEvidence = (reading: Reading | undefined): Record<string, unknown> => (reading ? { reading: { ...reading } } : {});

/** Whether what was read is what was commanded; undefined when the device does not tell. */
function bearsOut({ act, arguments: given }: JournalCommand, { on, brightness }: Reading): boolean | undefined {
  if (act === 'black') return on === undefined ? undefined : on !== (given as ActArguments<'black'>).on;
  const percent = act === 'brightness' ? (given as ActArguments<'brightness'>).percent : null;
  if (percent === null || brightness === undefined) return undefined;
  return Math.abs(brightness - percent) <= ROUNDING_PERCENT;
}

/** Waits until the override is on the device and asks the device whether it is so. Nothing is changed here. */
export async function confirmOverride(
  command: JournalCommand,
  host: DeviceHost,
  evidence: Record<string, unknown>,
): Promise<CommandEnd> {
  const { order, level } = await host.commands.confirmed((panel) => isAsCommanded(command, panel), CONFIRM_MS);
  const shown = { ...evidence, hash: order.hash };
  if (command.act !== 'black' && command.act !== 'brightness') return { outcome: 'applied', level, evidence: shown };
  const reading = await host.commands.look().catch(() => undefined);
  const borneOut = reading && bearsOut(command, reading);
  const seen = { ...shown, ...asEvidence(reading) };
  if (borneOut === false) return { outcome: 'failed', code: 'DEVICE_CONFUSED', evidence: seen };
  return { outcome: 'applied', level: borneOut ? 'read_back' : level, evidence: seen };
}

/** Takes back what a command has put over the plan, if it is still that; what was there before is there again. */
export function takeBack(
  command: JournalCommand,
  before: Overrides,
  overrides: OverrideKeeper,
  host: DeviceHost | undefined,
): void {
  const { device = '' } = command;
  const now = overrides.of(device);
  const isOwn = now.some((one) => one.command === command.id);
  const isLift = overridesAfter(before, command, 0)?.every((one) => one.command !== command.id) ?? false;
  if (!isOwn && !isLift) return;
  const others = now.filter((one) => one.command !== command.id);
  overrides.save(device, [...others, ...before.filter(({ slot }) => !others.some((one) => one.slot === slot))]);
  host?.look();
}

/**
 * An override that has just been put over the plan. One that the device does not take is taken back; not while the agent closes,
 * for then the next run will see whether it is taken.
 */
export async function performOverride(
  command: JournalCommand,
  before: Overrides,
  host: DeviceHost,
  overrides: OverrideKeeper,
  closing: AbortSignal,
): Promise<CommandEnd> {
  const evidence = beforeOf(command.act, before);
  host.look();
  let end: CommandEnd;
  try {
    end = await confirmOverride(command, host, evidence);
  } catch (error) {
    closing.throwIfAborted();
    end = { outcome: outcomeOf(error), code: codeOf(error), evidence };
  }
  if (end.outcome !== 'applied') takeBack(command, before, overrides, host);
  return end;
}

/** An act of the driver itself. One that was cut short may have been done: nobody knows, and nothing is repeated. */
export async function performAct(command: JournalCommand, host: DeviceHost): Promise<CommandEnd> {
  try {
    const { level, reading } = await host.commands.act(command.act);
    return { outcome: 'applied', level, evidence: asEvidence(reading) };
  } catch (error) {
    const outcome = outcomeOf(error);
    return { outcome: outcome === 'failed' ? 'unknown' : outcome, code: codeOf(error) };
  }
}

/** The newest log lines; they are the evidence. */
export const readLogs = ({ arguments: given }: JournalCommand, ring: LogRing): CommandEnd => ({
  outcome: 'applied',
  level: 'read_back',
  evidence: { lines: ring.newest((given as ActArguments<'logs_fetch'>).lines, MOST_LOG_CHARACTERS) },
});
