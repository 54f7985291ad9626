import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import { canDraw, fieldsOf, initialValues, settingsOf } from './fields.ts';

const schema = Type.Object({
  host: Type.String({ title: '地址', minLength: 1, maxLength: 64 }),
  port: Type.Integer({ minimum: 1, maximum: 65_535, default: 5005 }),
  heartbeatMs: Type.Optional(Type.Integer()),
  transport: Type.Union([Type.Literal('tcp'), Type.Literal('serial', { title: '串口' })]),
  flip: Type.Optional(Type.Boolean()),
  serial: Type.Optional(Type.Object({ path: Type.String(), baud: Type.Integer({ default: 57_600 }) })),
  curve: Type.Optional(Type.Array(Type.Integer())),
});

describe('fields of a driver schema', () => {
  const fields = fieldsOf(schema);

  it('come in the order of the schema, each of its kind', () => {
    expect(fields.map(({ key, kind }) => `${key}:${kind}`)).toEqual([
      'host:text',
      'port:number',
      'heartbeatMs:number',
      'transport:choice',
      'flip:boolean',
      'serial:group',
      'curve:json',
    ]);
  });

  it('have titles to read', () => {
    expect(fields.map(({ title }) => title).slice(0, 3)).toEqual(['地址', 'Port', 'Heartbeat (ms)']);
  });

  it('are required only where there is no default', () => {
    expect(fields.filter(({ required }) => required).map(({ key }) => key)).toEqual(['host', 'transport']);
  });

  it('offer the choices by their titles', () => {
    expect(fields.find(({ key }) => key === 'transport')).toMatchObject({
      options: [
        { value: 'tcp', label: 'tcp' },
        { value: 'serial', label: '串口' },
      ],
    });
  });

  it('start from what is set, then from the defaults', () => {
    expect(initialValues(fields, { host: '10.0.0.7', serial: { baud: 9600 }, unknown: 1 })).toEqual({
      host: '10.0.0.7',
      port: 5005,
      serial: { baud: 9600 },
      unknown: 1,
    });
  });

  it('send nothing for what was left empty', () => {
    expect(settingsOf({ host: 'a', port: null, flip: false, serial: { path: '' }, curve: [1] })).toEqual({
      host: 'a',
      flip: false,
      curve: [1],
    });
  });

  it.each([undefined, null, 3, 'x', [], {}, { anyOf: [] }, { properties: 3 }])('survive %j', (odd) => {
    expect(fieldsOf(odd)).toEqual([]);
    expect(canDraw(odd)).toBe(false);
  });
});
