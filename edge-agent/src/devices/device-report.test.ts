/** When the server is told about a device, in the time of a fake clock. */
import { FakeClock } from '@hall/contracts';
import { expect, onTestFinished, test } from 'vitest';
import { orderOf } from '../drivers/fixture.ts';
import { createDeviceReport, GATHER_MS, type DeviceReport, type UnnumberedReport } from './device-report.ts';

const EPOCH = '00000000-0000-4000-8000-000000000000';
const WELL_INSIDE_MS = 30;

/** Devices that are online, and what was said of them: when (machine ms), by whom, at which level. */
async function setup(names: readonly string[]) {
  const clock = new FakeClock();
  const said: Array<readonly [number, string, string | undefined]> = [];
  const devices = names.map((name) =>
    createDeviceReport(
      EPOCH,
      async ({ screen }: UnnumberedReport) => void said.push([clock.machine.nowMs(), name, screen?.level]),
      clock,
    ),
  );
  onTestFinished(() => {
    for (const device of devices) device.close();
  });
  for (const device of devices) device.link({ at: 'online', attempt: 1 });
  await clock.advance(WELL_INSIDE_MS);
  said.length = 0;
  return { clock, devices, said };
}

function confirm(device: DeviceReport | undefined, ticket: string): void {
  const order = orderOf(ticket);
  device?.decided(order);
  device?.told({ order, level: 'acknowledged', sentAt: 0, confirmedAt: 0 });
}

test('what devices confirm within a tenth of a second is said in one turn', async () => {
  const { clock, devices, said } = await setup(['a', 'b', 'c']);
  confirm(devices[0], 'A001');
  await clock.advance(WELL_INSIDE_MS);
  confirm(devices[1], 'A002');
  expect(said).toEqual([]);
  await clock.advance(GATHER_MS - 2 * WELL_INSIDE_MS);
  expect(said).toEqual([
    [GATHER_MS, 'a', 'acknowledged'],
    [GATHER_MS, 'b', 'acknowledged'],
  ]);
});

test('a device that confirms several pictures within that time is spoken of once', async () => {
  const { clock, devices, said } = await setup(['a']);
  for (const ticket of ['A001', 'A002', 'A003']) confirm(devices[0], ticket);
  await clock.advance(10 * GATHER_MS);
  expect(said).toEqual([[GATHER_MS, 'a', 'acknowledged']]);
});

test('a lost link is said at once, and nothing that waited is said after it', async () => {
  const { clock, devices, said } = await setup(['a']);
  confirm(devices[0], 'A001');
  devices[0]?.link({ at: 'offline', attempt: 1, waitMs: 100 }, 'DEVICE_OFFLINE');
  await clock.advance(0);
  expect(said).toEqual([[WELL_INSIDE_MS, 'a', 'none']]);
  await clock.advance(10 * GATHER_MS);
  expect(said).toHaveLength(1);
});

test('a picture that is decided and not confirmed is said after half a second, whatever was confirmed before it', async () => {
  const { clock, devices, said } = await setup(['a']);
  confirm(devices[0], 'A001');
  await clock.advance(GATHER_MS);
  const decidedMs = clock.machine.nowMs();
  devices[0]?.decided(orderOf('A002'));
  await clock.advance(1000);
  expect(said.slice(1)).toEqual([[decidedMs + 500, 'a', 'none']]);
});
