/** Single values of the agent's store, by name. */
import type { Db } from './database.ts';

/** Undefined also where what is kept is damaged. */
export const readValue = (db: Db, name: string): string | undefined =>
  (
    db.prepare("SELECT unseal(value, 'value', name) AS value FROM value WHERE name = ?").get(name) as
      | { value: string | null }
      | undefined
  )?.value ?? undefined;

export const writeValue = (db: Db, name: string, value: string): void => {
  db.prepare(
    `INSERT INTO value (name, value) VALUES (@name, seal(@value, 'value', @name))
     ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
  ).run({ name, value });
};

export const forgetValue = (db: Db, name: string): void => void db.prepare('DELETE FROM value WHERE name = ?').run(name);
