/** Reads about platforms. */
import type { Database } from '../../platform/store/database.ts';

export interface PlatformRow {
  readonly id: string;
  /** URI references it may use as CloudEvents `source`. */
  readonly sources: readonly string[];
  /** Signing secrets sealed under the master key, base64; newest first. */
  readonly secrets: readonly string[];
  readonly mqttHash: string;
}

export interface PlatformStore {
  /** By id. */
  all(): PlatformRow[];
  get(id: string): PlatformRow | undefined;
}

export function createPlatformStore(db: Database): PlatformStore {
  interface Stored {
    readonly id: string;
    readonly sources: string;
    readonly secrets: string;
    readonly mqtt_hash: string;
  }
  const all = db.prepare<[], Stored>('SELECT id, sources, secrets, mqtt_hash FROM platforms ORDER BY id');
  const get = db.prepare<[string], Stored>('SELECT id, sources, secrets, mqtt_hash FROM platforms WHERE id = ?');
  const row = ({ id, sources, secrets, mqtt_hash: mqttHash }: Stored): PlatformRow => ({
    id,
    sources: JSON.parse(sources) as string[],
    secrets: JSON.parse(secrets) as string[],
    mqttHash,
  });
  return {
    all: () => all.all().map(row),
    get: (id) => {
      const stored = get.get(id);
      return stored && row(stored);
    },
  };
}
