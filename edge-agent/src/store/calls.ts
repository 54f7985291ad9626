/** Every statement the agent makes to its store, by name, and their common transaction. */
import { commandBegin, commandEnd, commandTake } from '../commands/sql.ts';
import { saveOverrides } from '../screens/overrides-sql.ts';
import { islandRemember, saveBlanked, saveIsland, saveWaiting, speechIntent } from '../island/sql.ts';
import { outboxAcknowledge, outboxAppend, outboxRead, outboxRenumber, outboxSpan } from '../outbox/sql.ts';
import {
  forgetDesired,
  remember,
  saveAddresses,
  saveDesired,
  saveGood,
  saveHallTime,
  saveRefusal,
  saveLive,
  saveTables,
} from '../twin/sql.ts';
import type { Db } from './database.ts';

const calls = {
  remember,
  saveTables,
  saveDesired,
  forgetDesired,
  saveGood,
  saveRefusal,
  saveLive,
  commandTake,
  commandBegin,
  commandEnd,
  saveOverrides,
  saveHallTime,
  saveAddresses,
  outboxSpan,
  outboxAppend,
  outboxRead,
  outboxAcknowledge,
  outboxRenumber,
  islandRemember,
  saveIsland,
  saveWaiting,
  saveBlanked,
  speechIntent,
} as const;

export type CallName = keyof typeof calls;
export type Arguments<N extends CallName> = Parameters<(typeof calls)[N]> extends [Db, infer A] ? A : undefined;
export type Result<N extends CallName> = ReturnType<(typeof calls)[N]>;

export interface Call {
  readonly id: number;
  readonly name: CallName;
  readonly args: unknown;
}
export type Reply = { readonly id: number; readonly value: unknown } | { readonly id: number; readonly error: string };

/** Runs the calls in one transaction, each in its own savepoint: one that fails costs no other. */
export function runTogether(db: Db, batch: readonly Call[]): Reply[] {
  try {
    return db.transaction(() => batch.map((call) => runOne(db, call)))();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return batch.map(({ id }) => ({ id, error: reason }));
  }
}

function runOne(db: Db, { id, name, args }: Call): Reply {
  try {
    const run = calls[name] as (db: Db, args: unknown) => unknown;
    return { id, value: db.transaction(() => run(db, args))() };
  } catch (error) {
    if (!db.inTransaction) throw error;
    return { id, error: error instanceof Error ? error.message : String(error) };
  }
}
