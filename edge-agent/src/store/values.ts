/** Single values of the agent's store, by name. */
import type { Db } from './database.ts';

export const readValue = (db: Db, name: string): string | undefined =>
  (db.prepare('SELECT value FROM value WHERE name = ?').get(name) as { value: string } | undefined)?.value;

export const writeValue = (db: Db, name: string, value: string): void => {
  db.prepare('INSERT INTO value (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value').run(
    name,
    value,
  );
};
