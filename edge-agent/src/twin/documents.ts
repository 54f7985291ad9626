/** The documents of the agent: kept on disk before they count. */
import type { DocumentVersion, Payload, Tables } from '@hall/contracts';
import type { Logger } from 'pino';
import type { Store } from '../store/store.ts';
import { createTurns } from '../turns.ts';
import { isNewer, type Document } from './reconcile.ts';
import type { Remembered } from './sql.ts';

export interface Documents {
  readonly tables: Tables | undefined;
  readonly desired: ReadonlyMap<string, Document>;
  /** Versions for the hello. */
  readonly applied: { readonly tables?: DocumentVersion; readonly devices: Record<string, DocumentVersion> };
  takeTables(tables: Payload<'tables'>): void;
  takeDesired(document: Document): void;
  /** Gives up every device that is not named. */
  keepOnly(devices: readonly string[]): void;
  /** Resolves when everything taken so far is on disk or was refused. */
  settled(): Promise<void>;
}

/** What changed; called after the commit, in the order of arrival. */
export interface DocumentEars {
  onTables(): void;
  onDesired(): void;
}

/** A document that cannot be stored is not applied: the server sees that and sends it again at the next birth. */
export function createDocuments(remembered: Remembered, store: Store, ears: DocumentEars, log: Logger): Documents {
  let tables = remembered.tables;
  let desired = new Map(remembered.documents.map((document) => [document.device.id, document]));
  const inTurn = createTurns();
  /** Newest version on its way to the disk, so that a repetition is not written twice. */
  const coming = new Map<string, DocumentVersion>();

  const later = (what: string, work: () => Promise<void>) => {
    inTurn(work).catch((error: unknown) => log.error({ err: error, document: what }, 'document could not be stored'));
  };

  return {
    get tables() {
      return tables?.tables;
    },
    get desired() {
      return desired;
    },
    get applied() {
      const devices = Object.fromEntries([...desired].map(([id, { version }]) => [id, version]));
      return tables ? { tables: tables.version, devices } : { devices };
    },
    takeTables(next) {
      if (!isNewer(next.version, coming.get('tables') ?? tables?.version)) return;
      coming.set('tables', next.version);
      later('tables', async () => {
        try {
          await store.call('saveTables', next);
          tables = next;
        } finally {
          coming.delete('tables');
        }
        ears.onTables();
      });
    },
    takeDesired(next) {
      const { id } = next.device;
      const key = `desired/${id}`;
      if (!isNewer(next.version, coming.get(key) ?? desired.get(id)?.version)) return;
      coming.set(key, next.version);
      later(key, async () => {
        try {
          await store.call('saveDesired', next);
          desired = new Map(desired).set(id, next);
        } finally {
          coming.delete(key);
        }
        ears.onDesired();
      });
    },
    keepOnly(devices) {
      later('devices', async () => {
        const gone = [...desired.keys()].filter((id) => !devices.includes(id));
        if (gone.length === 0) return;
        await store.call('forgetDesired', { devices: gone });
        desired = new Map([...desired].filter(([id]) => !gone.includes(id)));
        ears.onDesired();
      });
    },
    settled: () => inTurn(async () => {}),
  };
}
