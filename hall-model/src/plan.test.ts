import { ScreenPlan, type Device, type HallContent } from '@hall/contracts';
import { Value } from 'typebox/value';
import { describe, expect, test } from 'vitest';
import { checkContent } from './check-content.ts';
import { boundFields, planFor } from './plan.ts';
import { sampleHall } from './sample-hall.ts';

const deviceAt = (at: number): Device => {
  const device = sampleHall.devices[at];
  if (!device) throw new Error('no device');
  return device;
};
const shows = (screen: Partial<NonNullable<Device['screen']>>): Device => ({
  ...deviceAt(0),
  screen: { template: 'window-strip', widthPx: 192, heightPx: 32, ...screen },
});

describe('the plan of a screen', () => {
  test('a strip shows its window, and the neutral text when that is old', () => {
    const plan = planFor(deviceAt(0), sampleHall);
    const neutral = { template: 'strip-neutral', parameters: { window: 'w1' }, bindings: [] };
    const source = { kind: 'binding', id: 'strip-1' };
    expect(plan).toEqual({
      widthPx: 192,
      heightPx: 32,
      maxAgeMs: 30_000,
      safeAfterMs: 300_000,
      regions: [
        {
          id: 'main',
          layers: [
            {
              id: 'window',
              class: 'window_state',
              seq: 0,
              content: { template: 'window-strip', parameters: { window: 'w1' }, bindings: ['window/w1'] },
              stale: neutral,
              safe: neutral,
              source,
            },
            { id: 'neutral', class: 'default', seq: 0, content: neutral, source },
          ],
        },
      ],
    });
  });

  test('a board shows the windows of its area and their queues', () => {
    const plan = planFor(deviceAt(1), sampleHall);
    expect(plan && boundFields(plan)).toEqual(['queue/licence', 'queue/seal', 'queue/tax-general', 'window/w1', 'window/w2']);
    const [queue, rest] = plan?.regions[0]?.layers ?? [];
    expect([queue?.stale?.template, queue?.safe?.template, rest?.content.template]).toEqual([
      'board-neutral',
      'board-safe',
      'board-safe',
    ]);
  });

  test('a board without an area shows all windows', () => {
    const plan = planFor(shows({ template: 'queue-board' }), sampleHall);
    expect(plan && boundFields(plan)).toHaveLength(6);
  });

  test('every plan matches the contract', () => {
    for (const device of sampleHall.devices) expect(Value.Check(ScreenPlan, planFor(device, sampleHall))).toBe(true);
  });

  test('nothing is planned for an unknown template, an unknown window or no screen', () => {
    const { screen: _, ...bare } = deviceAt(0);
    expect(planFor(bare, sampleHall)).toBeUndefined();
    expect(planFor(shows({ template: 'led-wall' }), sampleHall)).toBeUndefined();
    expect(planFor(shows({ window: 'w9' }), sampleHall)).toBeUndefined();
    expect(planFor(shows({}), sampleHall)).toBeUndefined();
  });
});

describe('hall content', () => {
  test('of the sample is good', () => {
    expect(checkContent(sampleHall)).toEqual([]);
  });

  const [department] = sampleHall.departments;
  const [service] = sampleHall.services;
  const [window] = sampleHall.windows;
  const [person] = sampleHall.staff;
  if (!department || !service || !window || !person) throw new Error('the sample is empty');
  const { calendar } = sampleHall;

  test.each<[string, Partial<HallContent>]>([
    ['departments 2 id', { departments: [...sampleHall.departments, department] }],
    ['services 3 id', { services: [...sampleHall.services, { ...service, prefix: 'Z' }] }],
    ['services 3 prefix', { services: [...sampleHall.services, { ...service, id: 'x' }] }],
    ['services 3 department', { services: [...sampleHall.services, { ...service, id: 'x', prefix: 'X', department: 'gone' }] }],
    ['staff 0 department', { staff: [{ ...person, department: 'gone' }] }],
    ['windows 3 department', { windows: [...sampleHall.windows, { ...window, id: 'x', number: '9', department: 'gone' }] }],
    ['windows 3 services/0', { windows: [...sampleHall.windows, { ...window, id: 'x', number: '9', services: ['gone'] }] }],
    [
      'windows 3 services/1',
      { windows: [...sampleHall.windows, { ...window, id: 'x', number: '9', services: ['seal', 'seal'] }] },
    ],
    ['windows 3 number', { windows: [...sampleHall.windows, { ...window, id: 'x' }] }],
    [
      'devices 0 inventory/warrantyUntil',
      { devices: [{ ...shows({ window: 'w1' }), inventory: { warrantyUntil: '2027-02-29' } }] },
    ],
    ['devices 0 screen/window', { devices: [shows({ window: 'gone' })] }],
    ['devices 0 screen/window', { devices: [shows({})] }],
    ['devices 0 screen/template', { devices: [shows({ template: 'gone' })] }],
    ['devices 0 screen/area', { devices: [shows({ window: 'w1', area: 'Z区' })] }],
    ['calendar 0 zone', { calendar: { ...calendar, zone: 'Mars/Olympus' } }],
    ['calendar 0 week/0', { calendar: { ...calendar, week: [[{ from: '12:00', to: '09:00' }], ...calendar.week.slice(1)] } }],
    [
      'calendar 0 week/0',
      {
        calendar: {
          ...calendar,
          week: [
            [
              { from: '09:00', to: '12:00' },
              { from: '11:00', to: '13:00' },
            ],
            ...calendar.week.slice(1),
          ],
        },
      },
    ],
    ['calendar 0 lunchWindows/0', { calendar: { ...calendar, lunchWindows: ['gone'] } }],
    ['calendar 0 windowHours/0/window', { calendar: { ...calendar, windowHours: [{ window: 'gone', weekday: 0, shifts: [] }] } }],
    ['calendar 1 windowHours/1', { calendar: { ...calendar, windowHours: [...calendar.windowHours, ...calendar.windowHours] } }],
    ['calendar 0 holidays/0/day', { calendar: { ...calendar, holidays: [{ day: '2026-02-30', name: '无' }] } }],
    ['calendar 1 makeUpDays/1/day', { calendar: { ...calendar, makeUpDays: [...calendar.makeUpDays, ...calendar.makeUpDays] } }],
  ])('is wrong at %s', (place, change) => {
    const errors = checkContent({ ...sampleHall, ...change });
    expect(errors.map(({ kind, index, field }) => `${kind} ${index} ${field}`)).toEqual([place]);
    expect(errors[0]?.expected).not.toBe('');
  });
});
