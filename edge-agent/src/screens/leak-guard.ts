/** The last look before anything becomes public: whatever reads like a personal datum is not shown. Pure. */
import type { RegionShowing, ScreenPlan } from '@hall/contracts';
import { findLeak } from '@hall/model';

/** The kind of the first text that looks personal, anywhere in a drawn thing. Never the text itself. */
export function firstLeak(drawn: unknown): string | undefined {
  if (typeof drawn === 'string') return findLeak(drawn);
  if (typeof drawn !== 'object' || drawn === null) return undefined;
  for (const part of Object.values(drawn)) {
    const leak = firstLeak(part);
    if (leak !== undefined) return leak;
  }
  return undefined;
}

/** The region as it stands when nothing live may be believed: the layer's own neutral content, without values. */
export function neutralRegion(plan: ScreenPlan, region: RegionShowing): RegionShowing {
  const layer = plan.regions.find(({ id }) => id === region.region)?.layers.find(({ id }) => id === region.layer);
  const content = layer?.stale ?? layer?.safe ?? { template: 'strip-neutral', parameters: {}, bindings: [] };
  return { ...region, content, freshness: 'stale', values: {} };
}
