import type { Content, Freshness, LiveValue, RegionShowing } from '@hall/contracts';

/** A named input of a template, as written in its `samples.json`; drawn against `sample-tables.json`. */
export interface Sample {
  readonly name: string;
  readonly parameters: Content['parameters'];
  readonly bindings: readonly string[];
  readonly freshness: Freshness;
  readonly hallMs: number;
  readonly values: Readonly<Record<string, LiveValue>>;
}

/** The region that would show a sample. */
export const regionOf = (template: string, sample: Sample): RegionShowing => ({
  region: 'main',
  layer: 'main',
  class: 'window_state',
  content: { template, parameters: sample.parameters, bindings: [...sample.bindings] },
  freshness: sample.freshness,
  values: sample.values,
  reasons: [],
});
