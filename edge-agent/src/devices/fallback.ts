/** What each device goes back to when its newest document is refused: kept on disk, so that a restart does not forget it. */
import { codeOf, type ErrorCode } from '@hall/contracts';
import type { Logger } from 'pino';
import { settingsFor, type Driver } from '../drivers/driver.ts';
import type { Store } from '../store/store.ts';
import { inForce, isRefusal, isSameVersion, type InForce, type Refusal } from '../twin/last-good.ts';
import type { Document } from '../twin/reconcile.ts';

export interface Fallback {
  /** The documents as they are to be carried out. */
  inForce(documents: ReadonlyMap<string, Document>): ReadonlyMap<string, InForce>;
  /** The device is open with this document. */
  opened(document: InForce): void;
  /** Answers whether there is something to go back to. */
  refused(document: InForce, code: ErrorCode): boolean;
  /** Forgets all other devices; the store forgets them with their documents. */
  keepOnly(devices: ReadonlySet<string>): void;
}

export interface FallbackMemory {
  readonly good: readonly Document[];
  readonly refusals: readonly Refusal[];
}

export function createFallback(
  remembered: FallbackMemory,
  store: Pick<Store, 'call'>,
  driverOf: (id: string) => Driver,
  log: Logger,
): Fallback {
  const good = new Map(remembered.good.map((document) => [document.device.id, document]));
  /** Looked at once: at a birth documents come one by one, and all are considered with each. */
  const seen = new WeakSet<Document>();
  const refusals = new Map(remembered.refusals.map((one) => [one.device, one]));

  const kept = (device: string, work: Promise<void>) => {
    work.catch((error: unknown) => log.error({ err: error, device }, 'last good document could not be stored'));
  };

  function note(document: Document, code: ErrorCode): boolean {
    const { id } = document.device;
    const last = good.get(id);
    if (!last || isSameVersion(document.version, last.version)) return false;
    if (isSameVersion(document.version, refusals.get(id)?.version)) return true;
    const refusal = { device: id, version: document.version, code };
    refusals.set(id, refusal);
    log.error(
      { device: id, code, refused: document.version.ver, good: last.version.ver },
      'document refused, the last good one stays',
    );
    kept(id, store.call('saveRefusal', refusal));
    return true;
  }

  /** What can be known without the device is known before its link is given up. */
  function considered(document: Document): InForce {
    const { id, driver, settings } = document.device;
    if (!seen.has(document) && !isSameVersion(document.version, refusals.get(id)?.version)) {
      seen.add(document);
      try {
        settingsFor(driverOf(driver), settings);
      } catch (error) {
        const code = codeOf(error);
        if (isRefusal(code)) note(document, code);
      }
    }
    return inForce(document, good.get(id), refusals.get(id));
  }

  return {
    inForce: (documents) => new Map([...documents].map(([id, document]) => [id, considered(document)])),
    opened(document) {
      const { id } = document.device;
      if (document.fallen || isSameVersion(document.version, good.get(id)?.version)) return;
      good.set(id, document);
      refusals.delete(id);
      kept(id, store.call('saveGood', document));
    },
    refused: (document, code) => document.fallen === undefined && note(document, code),
    keepOnly(devices) {
      for (const map of [good, refusals]) for (const id of map.keys()) if (!devices.has(id)) map.delete(id);
    },
  };
}
