import { content } from '../../fixture.ts';
import { expect, test } from 'vitest';
import { documentsOf } from './documents.ts';

test('inventory is no part of what an agent is told: a new serial number is no new wish', () => {
  const [device, ...others] = content.devices;
  if (!device) throw new Error('the hall has devices');
  const known = { ...device, inventory: { serial: 'BX-0001', place: '01号窗口上方' } };
  expect(documentsOf({ ...content, devices: [known, ...others] })).toEqual(documentsOf(content));
  const renamed = { ...device, name: '另一块屏' };
  expect(documentsOf({ ...content, devices: [renamed, ...others] })).not.toEqual(documentsOf(content));
});
