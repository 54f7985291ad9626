import type { DeviceView, Overview } from '@hall/contracts';
import { useMemo } from 'react';
import { named, useLanguage, type Language } from '../i18n/language.tsx';
import type { Dictionary } from '../i18n/zh.ts';
import { useMay } from '../shell/me.ts';
import { useDevices, useOverview } from './hall-data.ts';

/** What the things of the hall are called in the language of the reader; undefined for an id that is not known. */
export interface HallNames {
  /** A service or department. */
  readonly word: (id: string) => string | undefined;
  /** The number of a window. */
  readonly window: (id: string) => string | undefined;
  /** A window's strip by its window, any other device by its own name. */
  readonly device: (id: string) => string | undefined;
}

export function hallNames(
  overview: Overview | undefined,
  devices: readonly DeviceView[],
  language: Language,
  words: Dictionary,
): HallNames {
  const names = new Map<string, string>();
  const numbers = new Map<string, string>();
  const screens = new Map(devices.map(({ id, name }) => [id, name]));
  for (const queue of overview?.queues ?? []) names.set(queue.service, named(queue, language));
  for (const { id, number, department, services, strips } of overview?.windows ?? []) {
    for (const thing of [department, ...services]) names.set(thing.id, named(thing, language));
    numbers.set(id, number);
    for (const { device } of strips) screens.set(device, words.overview.stripOf(number));
  }
  return { word: (id) => names.get(id), window: (id) => numbers.get(id), device: (id) => screens.get(id) };
}

/** The names of the hall as it is now. Who may not see devices knows the strips of windows only. */
export function useHallNames(): HallNames {
  const { language, words } = useLanguage();
  const { data: overview } = useOverview();
  const { data: devices } = useDevices(useMay('device.view'));
  return useMemo(() => hallNames(overview, devices ?? [], language, words), [overview, devices, language, words]);
}
