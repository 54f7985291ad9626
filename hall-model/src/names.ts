/** Names behind ids, as screens may show them. */
import type { HallContent, HallSettings, NameTable, Staff, Tables } from '@hall/contracts';
import { maskName } from './masking.ts';

/** What a screen shows for a member of staff; undefined where the policy shows nothing or there is no number to show. */
export function staffDisplay(staff: Staff, policy: HallSettings['staffNamePolicy']): string | undefined {
  switch (policy) {
    case 'full':
      return staff.name;
    case 'surname':
      return maskName(staff.name);
    case 'number':
      return staff.number === undefined ? undefined : `工号 ${staff.number}`;
    case 'none':
      return undefined;
  }
}

interface Named {
  readonly id: string;
  readonly zh: string;
  readonly en?: string;
  readonly short?: string;
}
const named = (rows: readonly Named[]) =>
  Object.fromEntries(
    rows.map(({ id, zh, en, short }) => [
      id,
      { zh, ...(en === undefined ? {} : { en }), ...(short === undefined ? {} : { short }) },
    ]),
  );

/** The name table of a hall: every id a live field may carry. */
export function nameTable(content: HallContent): NameTable {
  const { settings, departments, services, staff, windows } = content;
  const shown = staff.flatMap((person) => {
    const text = staffDisplay(person, settings.staffNamePolicy);
    return text === undefined ? [] : [[person.id, text] as const];
  });
  return {
    hall: { zh: settings.zh, ...(settings.en === undefined ? {} : { en: settings.en }) },
    departments: named(departments),
    services: named(services),
    staff: Object.fromEntries(shown),
    windows: Object.fromEntries(windows.map(({ id, number, area }) => [id, { number, ...(area === undefined ? {} : { area }) }])),
  };
}

/** The tables document that agents hold: names and calendar. */
export const tablesOf = (content: HallContent): Tables => ({ names: nameTable(content), calendar: content.calendar });
