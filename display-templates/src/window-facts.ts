import type { Tables, WindowLive } from '@hall/contracts';
import { localTime } from '@hall/model';
import type { Bilingual, Language } from './words.ts';

interface Named {
  readonly zh: string;
  readonly en?: string | undefined;
  readonly short?: string | undefined;
}

/** Both languages of a name; Chinese stands in where no English was given, nothing where the id is not in the table yet. */
export const bilingual = (name: Named | undefined): Bilingual => ({ zh: name?.zh ?? '', en: name?.en ?? name?.zh ?? '' });

/** Wordings of a name in one language, full before short; short names are Chinese. */
export function wordingsOf(name: Named | undefined, language: Language): string[] {
  const full = bilingual(name)[language];
  return name?.short === undefined || language !== 'zh' ? [full] : [full, name.short];
}

/** When a paused window expects to go on, HH:MM; absent once that time has passed, for it would be a broken promise. */
export function expectedReturn(live: WindowLive, tables: Tables, hallMs: number): string | undefined {
  if (live.state !== 'paused' || live.expectedReturnAt === undefined || live.expectedReturnAt <= hallMs) return undefined;
  return localTime(tables.calendar.zone, live.expectedReturnAt);
}

/** The ticket a window may show: none once the window is closed, out of order or unknown, whatever the value still says. */
export const shownTicket = (live: WindowLive): string | undefined =>
  live.state === 'open' || live.state === 'serving' || live.state === 'paused' ? live.ticket : undefined;
