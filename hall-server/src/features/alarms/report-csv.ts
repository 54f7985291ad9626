/** The quality report as a table for a spreadsheet: one line for each number. */
import type { AlarmReport } from '@hall/contracts';
import { alarmTypes } from '@hall/model';

const cell = (value: string | number): string => {
  const text = String(value);
  // A spreadsheet would run what begins like a formula.
  const safe = /^[=+\-@\t\r]/.test(text) && typeof value === 'string' ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

/** UTF-8 with BOM, as spreadsheets expect it. */
export function reportCsv(report: AlarmReport): string {
  const time = (ms: number) => new Date(ms).toISOString();
  const rows: ReadonlyArray<readonly (string | number)[]> = [
    ['part', 'name', 'value'],
    ['span', 'from', time(report.from)],
    ['span', 'until', time(report.until)],
    ['total', 'alarms', report.alarms],
    ['total', 'raises', report.raises],
    ['total', 'never acknowledged, share', report.neverAcknowledged ?? ''],
    ['total', 'median to acknowledge, ms', report.medianAcknowledgeMs ?? ''],
    ['total', 'median to clear, ms', report.medianClearMs ?? ''],
    ...report.priorities.map(({ priority, alarms }) => ['priority', priority, alarms]),
    ...report.days.map(({ day, raises }) => ['day', day, raises]),
    ...report.hours.map((raises, hour) => ['hour', hour, raises]),
    ...report.floods.map(({ from, raises }) => ['flood', time(from), raises]),
    ...report.standing.map(({ type, object, raisedAt }) => [
      'standing',
      `${alarmTypes[type].title.zh} ${object.id}`,
      time(raisedAt),
    ]),
    ...report.topTen.map(({ type, object, raises }) => ['top ten', `${alarmTypes[type].title.zh} ${object.id}`, raises]),
  ];
  return `\uFEFF${rows.map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
}
