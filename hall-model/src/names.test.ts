import { NameTable, Tables } from '@hall/contracts';
import { Value } from 'typebox/value';
import { expect, test } from 'vitest';
import { nameTable, staffDisplay, tablesOf } from './names.ts';
import { sampleHall } from './sample-hall.ts';

const person = { id: 's1', name: '欧阳静', number: '012', department: 'tax' };
const { number: _, ...unnumbered } = person;

test.each([
  [person, 'full', '欧阳静'],
  [person, 'surname', '欧**'],
  [person, 'number', '工号 012'],
  [person, 'none', undefined],
  [unnumbered, 'number', undefined],
] as const)('%j by policy %s is %s', (staff, policy, shown) => {
  expect(staffDisplay(staff, policy)).toBe(shown);
});

test('the name table holds every id and only what the policy allows', () => {
  const table = nameTable(sampleHall);
  expect(table).toEqual({
    hall: { zh: '样例政务服务大厅', en: 'Sample Hall' },
    departments: { tax: { zh: '税务局', en: 'Tax' }, market: { zh: '市场监管局', short: '市监' } },
    services: {
      'tax-general': { zh: '综合办税' },
      licence: { zh: '营业执照', en: 'Licences' },
      seal: { zh: '公章刻制' },
    },
    staff: { s1: '张**', s2: '欧**' },
    windows: { w1: { number: '1', area: 'A区' }, w2: { number: '2', area: 'A区' }, w3: { number: '3', area: 'B区' } },
  });
  expect(Value.Check(NameTable, table)).toBe(true);
  expect(JSON.stringify(table)).not.toContain('张晓明');
  expect(Object.keys(nameTable({ ...sampleHall, settings: { ...sampleHall.settings, staffNamePolicy: 'none' } }).staff)).toEqual(
    [],
  );
});

test('the tables document is names and calendar', () => {
  expect(Value.Check(Tables, tablesOf(sampleHall))).toBe(true);
  expect(tablesOf(sampleHall).calendar).toBe(sampleHall.calendar);
});
