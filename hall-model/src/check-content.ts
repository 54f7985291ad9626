/** Hall content as a whole: every reference resolves, every id is unique, the calendar makes sense. */
import type { ContentKind, HallCalendar, HallContent } from '@hall/contracts';
import { screenTemplates } from './plan.ts';
import { dayOfText, isZone } from './zone.ts';

export interface ContentError {
  readonly kind: ContentKind | 'calendar';
  /** Position in its list, from 0; in the calendar that of the list the field names. */
  readonly index: number;
  /** Path of the field inside the row, or inside the calendar. */
  readonly field: string;
  readonly value: string;
  readonly expected: string;
}

type Report = (kind: ContentError['kind'], index: number, field: string, value: string, expected: string) => void;

/** Calls back for every row whose key was seen before; rows without a key are left out. */
function eachRepeat<T>(rows: readonly T[], keyOf: (row: T) => string | undefined, found: (index: number, key: string) => void) {
  const seen = new Set<string>();
  rows.forEach((row, index) => {
    const key = keyOf(row);
    if (key === undefined) return;
    if (seen.has(key)) found(index, key);
    seen.add(key);
  });
}

const idsOf = (rows: ReadonlyArray<{ readonly id: string }>): ReadonlySet<string> => new Set(rows.map(({ id }) => id));

function checkShifts(shifts: HallCalendar['week'][number], index: number, field: string, report: Report): void {
  for (const { from, to } of shifts) {
    if (to <= from) report('calendar', index, field, `${from}-${to}`, 'a shift that ends after it begins');
  }
  shifts
    .toSorted((a, b) => (a.from < b.from ? -1 : 1))
    .forEach((shift, at, sorted) => {
      const before = sorted[at - 1];
      if (before && shift.from < before.to)
        report('calendar', index, field, `${shift.from}-${shift.to}`, 'shifts that do not overlap');
    });
}

function checkCalendar(calendar: HallCalendar, windows: ReadonlySet<string>, report: Report): void {
  if (!isZone(calendar.zone)) report('calendar', 0, 'zone', calendar.zone, 'an IANA time zone');
  calendar.week.forEach((shifts, index) => checkShifts(shifts, index, `week/${index}`, report));
  calendar.lunchWindows.forEach((window, index) => {
    if (!windows.has(window)) report('calendar', index, `lunchWindows/${index}`, window, 'the id of a window');
  });
  calendar.windowHours.forEach(({ window, shifts }, index) => {
    if (!windows.has(window)) report('calendar', index, `windowHours/${index}/window`, window, 'the id of a window');
    checkShifts(shifts, index, `windowHours/${index}/shifts`, report);
  });
  eachRepeat(
    calendar.windowHours,
    ({ window, weekday }) => `${window} ${weekday}`,
    (index, key) => report('calendar', index, `windowHours/${index}`, key, 'hours once per window and weekday'),
  );
  for (const list of ['holidays', 'makeUpDays'] as const) {
    const days: ReadonlyArray<{ readonly day: string }> = calendar[list];
    days.forEach(({ day }, index) => {
      if (dayOfText(day) === undefined) report('calendar', index, `${list}/${index}/day`, day, 'a day that exists, YYYY-MM-DD');
    });
    eachRepeat(
      days,
      ({ day }) => day,
      (index, day) => report('calendar', index, `${list}/${index}/day`, day, 'each day once'),
    );
  }
}

function checkRepeats(content: HallContent, report: Report): void {
  for (const kind of ['departments', 'services', 'staff', 'windows', 'devices'] as const) {
    eachRepeat<{ readonly id: string }>(
      content[kind],
      ({ id }) => id,
      (index, id) => report(kind, index, 'id', id, 'an id that no other row has'),
    );
  }
  eachRepeat(
    content.services,
    ({ prefix }) => prefix,
    (index, prefix) => report('services', index, 'prefix', prefix, 'a prefix that no other service has'),
  );
  eachRepeat(
    content.windows,
    ({ area, number }) => `${area ?? ''} ${number}`,
    (index) =>
      report('windows', index, 'number', content.windows[index]?.number ?? '', 'a number that no other window of the area has'),
  );
}

/** Everything wrong with hall content that its schema cannot say; empty is good. */
export function checkContent(content: HallContent): ContentError[] {
  const errors: ContentError[] = [];
  const report: Report = (kind, index, field, value, expected) => errors.push({ kind, index, field, value, expected });
  const departments = idsOf(content.departments);
  const services = idsOf(content.services);
  const windows = idsOf(content.windows);
  const areas = new Set(content.windows.map(({ area }) => area));
  const inDepartment = (kind: ContentKind) => (row: { readonly department: string }, index: number) => {
    if (!departments.has(row.department)) report(kind, index, 'department', row.department, 'the id of a department');
  };

  checkRepeats(content, report);
  content.services.forEach(inDepartment('services'));
  content.staff.forEach(inDepartment('staff'));
  content.windows.forEach(inDepartment('windows'));
  content.windows.forEach((window, index) => {
    window.services.forEach((service, at) => {
      if (!services.has(service)) report('windows', index, `services/${at}`, service, 'the id of a service');
    });
    eachRepeat(
      window.services,
      (service) => service,
      (at, service) => report('windows', index, `services/${at}`, service, 'each service once'),
    );
  });
  content.devices.forEach(({ screen, inventory }, index) => {
    const warranty = inventory?.warrantyUntil;
    if (warranty !== undefined && dayOfText(warranty) === undefined) {
      report('devices', index, 'inventory/warrantyUntil', warranty, 'a day that exists, YYYY-MM-DD');
    }
    if (!screen) return;
    if (!(screenTemplates as readonly string[]).includes(screen.template)) {
      report('devices', index, 'screen/template', screen.template, `one of ${screenTemplates.join(', ')}`);
    }
    if (screen.template === 'window-strip' && screen.window === undefined) {
      report('devices', index, 'screen/window', '', 'the window of the strip');
    }
    if (screen.window !== undefined && !windows.has(screen.window)) {
      report('devices', index, 'screen/window', screen.window, 'the id of a window');
    }
    if (screen.area !== undefined && !areas.has(screen.area)) {
      report('devices', index, 'screen/area', screen.area, 'the area of a window');
    }
  });
  checkCalendar(content.calendar, windows, report);
  return errors;
}
