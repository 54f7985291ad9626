/** What messages do to the commands that the console holds. */
import type { BatchView, CommandView } from '@hall/contracts';
import type { QueryClient } from '@tanstack/react-query';

/** Whose commands a list has. */
export type Addressee = { readonly device: string } | { readonly agent: string };
/** Commands shown of one device or agent at most. */
export const MOST_COMMANDS = 10;

const isTo = (command: CommandView, to: Addressee): boolean =>
  'device' in to ? command.device === to.device : command.device === null && command.agent === to.agent;

/** Newest first; a command that is held is replaced in its place. */
export function mergeCommands(
  held: readonly CommandView[],
  changed: readonly CommandView[],
  to: Addressee,
): readonly CommandView[] {
  const own = changed.filter((command) => isTo(command, to));
  if (own.length === 0) return held;
  const newest = new Map(own.map((command) => [command.id, command]));
  const known = new Set(held.map(({ id }) => id));
  const added = own.filter(({ id }) => !known.has(id)).toReversed();
  return [...added, ...held.map((command) => newest.get(command.id) ?? command)].slice(0, MOST_COMMANDS);
}

/** A batch shows the newest command of each device. */
export function mergeBatch(held: BatchView, changed: readonly CommandView[]): BatchView {
  const newest = new Map(changed.filter(({ batch }) => batch === held.id).map((command) => [command.device, command]));
  if (newest.size === 0) return held;
  const isNewer = (one: CommandView, other: CommandView) => one.id === other.id || one.createdAt >= other.createdAt;
  const commands = held.commands.map((command) => {
    const next = newest.get(command.device);
    return next && isNewer(next, command) ? next : command;
  });
  return { ...held, commands };
}

/** Puts commands of a message into every list that is held. */
export function takeCommands(client: QueryClient, changed: readonly CommandView[]): void {
  for (const { queryKey } of client.getQueryCache().findAll({ queryKey: ['commands'] })) {
    const to = queryKey[1] as Addressee;
    client.setQueryData<readonly CommandView[]>(queryKey, (held) => held && mergeCommands(held, changed, to));
  }
  for (const { queryKey } of client.getQueryCache().findAll({ queryKey: ['batch'] })) {
    client.setQueryData<BatchView>(queryKey, (held) => held && mergeBatch(held, changed));
  }
}
