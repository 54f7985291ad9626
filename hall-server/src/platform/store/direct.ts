/** Writes of a command-line tool: the registered writes without the worker, in their own transactions. */
import type { HallTime } from '@hall/contracts';
import { migrate, openForWriting } from './database.ts';
import type { Write } from './write.ts';
import { writes, type WriteName } from './writes.ts';
import type { Writer } from './writer.ts';

export interface DirectWriter extends Pick<Writer, 'call'> {
  close(): void;
}

/**
 * Opens the store for a short while, also beside a running server: SQLite lets one write at a time. A running server notices
 * agents and platforms when they sign in, and content within seconds.
 */
export function openDirectly(path: string, wall: HallTime): DirectWriter {
  const db = openForWriting(path);
  migrate(db);
  return {
    call: (async (name: WriteName, args: unknown) => {
      const write = writes[name] as unknown as Write<unknown, unknown>;
      return db.transaction(() => write(db, args, { nowMs: wall.nowMs(), changed: () => {} })).immediate();
    }) as Writer['call'],
    close: () => void db.close(),
  };
}
