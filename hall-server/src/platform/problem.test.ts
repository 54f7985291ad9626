import { Type, type TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { expect, test } from 'vitest';
import { problemOf } from './problem.ts';

const closed = { additionalProperties: false } as const;
const Event = Type.Object(
  {
    id: Type.String({ minLength: 1 }),
    'a/b~c': Type.Optional(Type.Integer()),
    reason: Type.Optional(Type.Union([Type.Literal('meeting'), Type.Literal('away')])),
    window: Type.Optional(Type.Object({ number: Type.Integer({ maximum: 9 }) }, closed)),
    services: Type.Optional(Type.Array(Type.String())),
  },
  closed,
);
const problem = (given: unknown, schema: TSchema = Event) => problemOf(Compile(schema).Errors(given));

test.each([
  ['a field that is missing', {}, '/id', 'a value; the field is required'],
  ['a field of a field that is missing', { id: 'x', window: {} }, '/window/number', 'a value; the field is required'],
  ['a field nobody knows', { id: 'x', extra: 1 }, '/extra', 'no such field'],
  ['a field nobody knows, with signs of a pointer', { id: 'x', 'y/z~': 1 }, '/y~1z~0', 'no such field'],
  ['a word outside a closed list', { id: 'x', reason: 'tired' }, '/reason', 'one of: meeting, away'],
])('%s is named by its place, with what was expected', (_, given, field, expected) => {
  expect(problem(given)).toEqual({ field, expected });
});

test.each([
  ['a number over its limit', { id: 'x', window: { number: 10 } }, '/window/number'],
  ['a wrong type', { id: 7 }, '/id'],
  ['an entry of a list', { id: 'x', services: ['s', 3] }, '/services/1'],
  ['an empty text', { id: '' }, '/id'],
  ['the whole value', 'text', ''],
])('%s is named by its place', (_, given, field) => {
  const found = problem(given);
  expect(found.field).toBe(field);
  expect(found.expected).not.toBe('');
});

test("the sender's own text is never repeated", () => {
  for (const given of [{ id: 'x', reason: '张伟' }, { id: 'x', services: [{ 张伟: 1 }] }, { id: ['张伟'] }]) {
    expect(JSON.stringify(problem(given))).not.toContain('张伟');
  }
});

test('without an error there is still something to say', () => {
  expect(problemOf([])).toEqual({ field: '', expected: 'a valid value' });
});
