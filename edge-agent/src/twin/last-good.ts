/**
 * Which document of a device is in force when the newest one is refused: a mistake in a form must not take a working screen away.
 * Pure.
 *
 * The link (driver and settings) goes on as it last worked. What is shown is another matter, for a plan of before may be of another
 * window: with the same driver and a screen of the same size the newest plan is shown over the old link; else nothing but
 * the neutral text of the old plan, which says of no window that it serves.
 */
import type { DocumentVersion, ErrorCode, ScreenPlan } from '@hall/contracts';
import { isSameSize, type Document } from './reconcile.ts';

/** A document that is not tried again; a newer one is. */
export interface Refusal {
  readonly device: string;
  readonly version: DocumentVersion;
  readonly code: ErrorCode;
}

/** A document as it is carried out. `version` is that of the newest document, for it is what has been considered. */
export type InForce = Document & {
  /** Set while the newest document is refused: the one whose link is in force, and why. */
  readonly fallen?: { readonly good: DocumentVersion; readonly code: ErrorCode };
};

/** Failures that lie in the document and not in the device or the cable: trying again helps nothing. */
export const isRefusal = (code: string | undefined): code is 'DEVICE_SETTINGS_INVALID' | 'DRIVER_UNKNOWN' =>
  code === 'DEVICE_SETTINGS_INVALID' || code === 'DRIVER_UNKNOWN';

export const isSameVersion = (one: DocumentVersion, other: DocumentVersion | undefined): boolean =>
  one.gen === other?.gen && one.ver === other.ver;

/** `good`: the document with which the device was last open. Without one there is nothing to go back to. */
export function inForce(newest: Document, good: Document | undefined, refusal: Refusal | undefined): InForce {
  if (!good || !refusal || !isSameVersion(newest.version, refusal.version)) return newest;
  if (isSameVersion(newest.version, good.version)) return newest;
  const fallen = { good: good.version, code: refusal.code };
  const { driver, settings } = good.device;
  if (newest.device.driver === driver && isSameSize(newest.device, good.device)) {
    return { ...newest, device: { ...newest.device, driver, settings }, fallen };
  }
  return { ...good, version: newest.version, ...(good.plan && { plan: neutralPart(good.plan) }), fallen };
}

/** The safe pictures of a plan, whatever else it would show. */
export function neutralPart(plan: ScreenPlan): ScreenPlan {
  const regions = plan.regions.map(({ id, layers }) => ({
    id,
    layers: layers.flatMap(({ safe, ...layer }) => (safe ? [{ ...layer, content: safe, stale: safe }] : [])),
  }));
  return { ...plan, regions };
}
