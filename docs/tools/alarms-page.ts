import { alarmTypeIds, type AlarmTypeId } from '@hall/contracts';
import { alarmTypes, type AlarmType } from '@hall/model';

const priorities = { 1: '1 紧急 urgent', 2: '2 重要 high', 3: '3 一般 low' } as const;

/** A number of seconds, read easily. */
function span(seconds: number): string {
  if (seconds === 0) return 'at once';
  return seconds % 60 === 0 && seconds >= 60 ? `${seconds / 60} min` : `${seconds} s`;
}
function folds({ folds: what }: AlarmType): string {
  if (what === 'all_below') return 'everything that hangs on it';
  return what.length === 0 ? '—' : what.map((id) => `\`${id}\``).join(', ');
}
const hours = (n: number): string => (n % 24 === 0 ? `${n / 24} d` : `${n} h`);

function section(id: AlarmTypeId): string[] {
  const type = alarmTypes[id];
  const { title, seen, firstStep } = type;
  return [
    `### \`${id}\``,
    '',
    `| | 中文 | English |`,
    '| --- | --- | --- |',
    `| 告警 alarm | ${title.zh} | ${title.en} |`,
    `| 群众现在看到 visitors see now | ${seen.zh} | ${seen.en} |`,
    `| 先做什么 first step | ${firstStep.zh} | ${firstStep.en} |`,
    '',
    `Priority ${priorities[type.priority]}. Raised ${type.delayS === 0 ? 'at once' : `after ${span(type.delayS)}`}, cleared ` +
      `${type.clearS === 0 ? 'at once' : `after ${span(type.clearS)}`}. ` +
      `${type.openHoursOnly ? 'Not raised in closed hours.' : 'Raised in closed hours too.'} ` +
      `Explains: ${folds(type)}. Can be shelved for ${hours(type.shelveHours)} at most.`,
    '',
  ];
}

/** `docs/alarms.md`: every alarm that the product can raise, what visitors see meanwhile and what to do first. */
export function alarmsPage(): string {
  return [
    '# Alarms 告警',
    '',
    'Generated from `alarmTypes` in `hall-model/src/alarms/types.ts` by `node scripts/docs.mjs`; do not edit. An alarm needs somebody;',
    'everything else is an event. How alarms live is told in [operations.md](operations.md#alarms).',
    '',
    '| alarm | 告警 | priority | raised after |',
    '| --- | --- | --- | --- |',
    ...alarmTypeIds.map((id) => {
      const { title, priority, delayS } = alarmTypes[id];
      return `| [\`${id}\`](#${id}) | ${title.zh} | ${priorities[priority]} | ${span(delayS)} |`;
    }),
    '',
    '## What each means',
    '',
    ...alarmTypeIds.flatMap(section),
  ].join('\n');
}
