import type { Device, FoundDevice, HallContent } from '@hall/contracts';
import { checkContent } from '@hall/model';
import { templates } from '@hall/templates';
import fc from 'fast-check';
import { Type, type TSchema } from 'typebox';
import { describe, expect, test } from 'vitest';
import { content as sample } from '../console/fixture.ts';
import { propose, templateFor, type ProposalInput } from './proposal.ts';

/** As it comes from an agent: JSON, without what the type builder adds. */
const announced = (schema: TSchema): TSchema => JSON.parse(JSON.stringify(schema)) as TSchema;
const schema = announced(
  Type.Object(
    {
      transport: Type.Union([Type.Literal('tcp'), Type.Literal('serial')]),
      host: Type.Optional(Type.String()),
      port: Type.Integer({ default: 5005 }),
      path: Type.Optional(Type.String()),
      screenNumber: Type.Integer({ default: 1 }),
      brightness: Type.Integer({ default: 15 }),
      model: Type.Optional(Type.String()),
    },
    { additionalProperties: false },
  ),
);
const found: FoundDevice = {
  finder: 'onbon-k-network',
  driver: 'onbon-k',
  place: 'tcp://10.0.0.5:5005',
  settings: { transport: 'tcp', host: '10.0.0.5', port: 5005, screenNumber: 1, model: 'BX-6K1' },
  placedBy: ['host', 'port'],
  confidence: 'sure',
  maker: '仰邦 Onbon',
  model: 'BX-6K1',
  evidence: [],
};
const strip = (id: string, more: Partial<Device> = {}): Device => ({
  id,
  name: id,
  agent: 'edge-1',
  driver: 'onbon-k',
  settings: { transport: 'tcp', host: '10.0.0.9' },
  screen: { template: 'window-strip', widthPx: 192, heightPx: 32, window: 'w01' },
  ...more,
});
const hall = (...devices: Device[]): HallContent => ({ ...sample, devices });
const ask = (request: ProposalInput['request'], more: Partial<ProposalInput> = {}) =>
  propose({
    agent: 'edge-1',
    found,
    request,
    content: hall(),
    schemaOf: () => schema,
    isOnline: () => false,
    ...more,
  });

test('the window is enough: id, name, size, template, place and what the device says of itself follow', () => {
  const { device, before, notes, conflicts } = ask({ window: 'w01' });
  expect(conflicts).toEqual([]);
  expect(before).toBeNull();
  expect(notes).toEqual(['size_assumed']);
  expect(device).toEqual({
    id: 'strip-w01',
    name: '01 号窗口屏',
    agent: 'edge-1',
    driver: 'onbon-k',
    settings: found.settings,
    screen: { template: 'window-strip', widthPx: 192, heightPx: 32, window: 'w01' },
    inventory: { place: 'A区 01 号窗口', maker: '仰邦 Onbon', model: 'BX-6K1' },
  });
  expect(checkContent(hall(device))).toEqual([]);
});

test('a size that the device does not say is that of most strips of the hall, one that it says is believed', () => {
  const wide = { template: 'window-strip', widthPx: 320, heightPx: 48 };
  const others = hall(strip('a', { screen: { ...wide, window: 'w02' } }), strip('b', { screen: wide }), strip('c'));
  expect(ask({ window: 'w01', beside: true }, { content: others }).device.screen).toMatchObject({ widthPx: 320, heightPx: 48 });
  const told = ask({ window: 'w01' }, { found: { ...found, widthPx: 128, heightPx: 32 } });
  expect(told.device.screen).toMatchObject({ widthPx: 128, heightPx: 32 });
  expect(told.notes).toEqual([]);
  expect(ask({ window: 'w01', widthPx: 64, heightPx: 16 }).notes).toEqual([]);
});

describe('what stands in the way is said', () => {
  test.each<[string, Parameters<typeof ask>, ReturnType<typeof ask>['conflicts']]>([
    ['no window', [{}], [{ what: 'window_unknown', device: null }]],
    ['a window that is none', [{ window: 'w77' }], [{ what: 'window_unknown', device: null }]],
    ['a window with a strip', [{ window: 'w01' }, { content: hall(strip('s1')) }], [{ what: 'window_taken', device: 's1' }]],
    ['an id that is taken', [{ window: 'w02', id: 's1' }, { content: hall(strip('s1')) }], [{ what: 'id_taken', device: 's1' }]],
    ['a size nothing is drawn for', [{ window: 'w01', widthPx: 100, heightPx: 100 }], [{ what: 'size_unfit', device: null }]],
    [
      'an address in use',
      [{ window: 'w02' }, { content: hall(strip('s1', { settings: { transport: 'tcp', host: '10.0.0.5' } })) }],
      [{ what: 'address_taken', device: 's1' }],
    ],
    [
      'settings the driver does not take',
      [{ window: 'w01' }, { found: { ...found, settings: { ...found.settings, colour: 'red' } } }],
      [{ what: 'settings_invalid', device: null }],
    ],
    ['a device to replace that is none', [{ window: 'w01', replaces: 'gone' }], [{ what: 'id_taken', device: 'gone' }]],
  ])('%s', (_, input, conflicts) => {
    expect(ask(...input).conflicts).toEqual(conflicts);
  });

  test('but a second strip over a window is nobody’s business if it is meant', () => {
    const { device, conflicts } = ask({ window: 'w01', beside: true }, { content: hall(strip('strip-w01')) });
    expect(conflicts).toEqual([]);
    expect(device.id).toBe('strip-w01-2');
  });
});

test('a replacement keeps id, name, window, size, place and the settings that are not its address, and no old serial or warranty', () => {
  const old = strip('s1', {
    name: '老屏',
    settings: { transport: 'tcp', host: '10.0.0.9', brightness: 8 },
    screen: { template: 'window-strip', widthPx: 256, heightPx: 32, window: 'w02', area: 'A区' },
    inventory: { place: '二楼', switch: 'sw-3', maker: 'x', serial: '17', warrantyUntil: '2026-01-01', responsible: '李工' },
  });
  const { device, before, notes, conflicts } = ask({ replaces: 's1' }, { content: hall(old), isOnline: (id) => id === 's1' });
  expect(conflicts).toEqual([]);
  expect(before).toEqual(old);
  expect(notes).toEqual(['size_assumed', 'replaces_online']);
  expect(device).toEqual({
    ...old,
    settings: { ...old.settings, ...found.settings },
    inventory: { place: '二楼', switch: 'sw-3', maker: '仰邦 Onbon', model: 'BX-6K1', responsible: '李工' },
  });
});

test('a serial port of another agent is another port, a network address is the same from everywhere', () => {
  const elsewhere = { agent: 'edge-2' };
  const bySerial = {
    ...found,
    settings: { transport: 'serial', path: '/dev/ttyUSB0', screenNumber: 1 },
    placedBy: ['path', 'screenNumber'],
  };
  const serialStrip = strip('s1', { ...elsewhere, settings: { transport: 'serial', path: '/dev/ttyUSB0' } });
  expect(ask({ window: 'w02' }, { found: bySerial, content: hall(serialStrip) }).conflicts).toEqual([]);
  expect(ask({ window: 'w02' }, { found: bySerial, content: hall({ ...serialStrip, agent: 'edge-1' }) }).conflicts).toHaveLength(
    1,
  );
  const network = strip('s1', { ...elsewhere, settings: { transport: 'tcp', host: '10.0.0.5' } });
  expect(ask({ window: 'w02' }, { content: hall(network) }).conflicts).toHaveLength(1);
});

test('every size of a strip template has that template, and what is proposed without conflict is always whole', () => {
  for (const size of templates.find(({ id }) => id === 'window-strip')?.sizes ?? [])
    expect(templateFor(size)).toBe('window-strip');
  fc.assert(
    fc.property(
      fc.record(
        {
          window: fc.constantFrom('w01', 'w02', 'w99'),
          beside: fc.boolean(),
          replaces: fc.constantFrom('s1', 's2', 's3'),
          widthPx: fc.constantFrom(64, 192, 320),
          heightPx: fc.constantFrom(16, 32, 48),
        },
        { requiredKeys: [] },
      ),
      fc.uniqueArray(fc.constantFrom('s1', 's2', 'strip-w01', 'strip-w02'), { maxLength: 4 }),
      (request, ids) => {
        const held = hall(...ids.map((id, at) => strip(id, { settings: { transport: 'tcp', host: `10.0.0.${5 + at}` } })));
        const { device, before, conflicts } = ask(request, { content: held });
        if (conflicts.length > 0) return;
        const next = { ...held, devices: [...held.devices.filter(({ id }) => id !== before?.id), device] };
        expect(checkContent(next)).toEqual([]);
        expect(new Set(next.devices.map(({ id }) => id)).size).toBe(next.devices.length);
      },
    ),
  );
});
