/** The plan of a screen: which layers it has and which live fields they are drawn from. */
import type { Content, Device, HallContent, Layer, ScreenPlan } from '@hall/contracts';

/** Templates that `planFor` can plan. */
export const screenTemplates = ['window-strip', 'queue-board'] as const;
export type ScreenTemplate = (typeof screenTemplates)[number];

/** What a region shows when no layer of it may be shown: nothing. */
export const BLANK: Content = { template: 'blank', parameters: {}, bindings: [] };

/** A plan document holds at most this many bindings in one content. */
const MAX_BINDINGS = 1000;

const content = (template: string, parameters: Content['parameters'] = {}, bindings: string[] = []): Content => ({
  template,
  parameters,
  bindings,
});

function stripLayers(window: string, source: Layer['source']): Layer[] {
  const neutral = content('strip-neutral', { window });
  return [
    {
      id: 'window',
      class: 'window_state',
      seq: 0,
      content: content('window-strip', { window }, [`window/${window}`]),
      stale: neutral,
      safe: neutral,
      source,
    },
    { id: 'neutral', class: 'default', seq: 0, content: neutral, source },
  ];
}

function boardLayers(hall: HallContent, area: string | undefined, source: Layer['source']): Layer[] {
  const windows = hall.windows.filter((window) => area === undefined || window.area === area);
  const services = new Set(windows.flatMap((window) => window.services));
  const bindings = [
    ...windows.map(({ id }) => `window/${id}`),
    ...hall.services.filter(({ id }) => services.has(id)).map(({ id }) => `queue/${id}`),
  ].slice(0, MAX_BINDINGS);
  const parameters = area === undefined ? {} : { area };
  const safe = content('board-safe', parameters);
  return [
    {
      id: 'queue',
      class: 'window_state',
      seq: 0,
      content: content('queue-board', parameters, bindings),
      stale: content('board-neutral', parameters),
      safe,
      source,
    },
    { id: 'safe', class: 'default', seq: 0, content: safe, source },
  ];
}

/** The plan of a device by its screen binding; undefined for a device that shows nothing we know how to plan. */
export function planFor(device: Device, hall: HallContent): ScreenPlan | undefined {
  const { screen } = device;
  if (!screen) return undefined;
  const source: Layer['source'] = { kind: 'binding', id: device.id };
  let layers: Layer[];
  if (screen.template === 'window-strip') {
    if (!hall.windows.some(({ id }) => id === screen.window)) return undefined;
    layers = stripLayers(screen.window ?? '', source);
  } else if (screen.template === 'queue-board') {
    layers = boardLayers(hall, screen.area, source);
  } else {
    return undefined;
  }
  return {
    widthPx: screen.widthPx,
    heightPx: screen.heightPx,
    maxAgeMs: hall.settings.liveMaxAgeS * 1000,
    safeAfterMs: hall.settings.safeAfterS * 1000,
    regions: [{ id: 'main', layers }],
  };
}

/** Every live field the plan is drawn from, each once, sorted. */
export function boundFields(plan: ScreenPlan): string[] {
  const fields = new Set<string>();
  for (const { layers } of plan.regions) {
    for (const layer of layers) {
      for (const part of [layer.content, layer.stale, layer.safe]) part?.bindings.forEach((field) => fields.add(field));
    }
  }
  return [...fields].toSorted();
}
