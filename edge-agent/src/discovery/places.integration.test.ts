import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemClock } from '@hall/contracts';
import { expect, onTestFinished, test } from 'vitest';
import { stripDocument } from '../devices/fixture.ts';
import { driverOf } from '../drivers/registry.ts';
import type { Document } from '../twin/reconcile.ts';
import { broadcastOf, ownNetworks, serialPortsOfSystem } from './networks.ts';
import { placesInUse } from './places.ts';

const clock = systemClock();
const strip = (id: string, driver: string, settings: Record<string, unknown>): Document => {
  const document = stripDocument({ driver, settings });
  return { ...document, device: { ...document.device, id } };
};

test('devices are known by address and port, the usual port where none is written, and by name', async () => {
  const { network, serial } = await placesInUse(
    [
      strip('a', 'onbon-k', { transport: 'tcp', host: '10.0.0.5', path: '/dev/unused' }),
      strip('b', 'onbon-k', { transport: 'tcp', host: 'localhost', port: 6000 }),
      strip('c', 'no-such-driver', { host: '10.0.0.6', port: 80 }),
      strip('d', 'kiosk', {}),
    ],
    driverOf,
    clock,
  );
  expect(network('10.0.0.5', 5005)).toBe('a');
  expect(network('10.0.0.5', 5006)).toBeUndefined();
  expect(network('127.0.0.1', 6000)).toBe('b');
  expect(network('10.0.0.6', 80)).toBe('c');
  expect(serial('/dev/unused')).toBeUndefined();
});

test('a serial port is known under every name that leads to it', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'hall-places-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [port, link] = [path.join(folder, 'tty'), path.join(folder, 'by-id')];
  writeFileSync(port, '');
  symlinkSync(port, link);
  const { serial } = await placesInUse([strip('a', 'onbon-k', { transport: 'serial', path: link })], driverOf, clock);
  expect(serial(link)).toBe('a');
  expect(serial(port)).toBe('a');
});

test('what the system says of its networks and ports can be read', async () => {
  expect(broadcastOf('192.168.5.9', '255.255.255.0')).toBe('192.168.5.255');
  expect(broadcastOf('10.1.2.3', '255.255.252.0')).toBe('10.1.3.255');
  for (const { address, broadcast } of ownNetworks()) {
    expect(address).not.toMatch(/^127\./);
    expect(broadcast).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
  }
  for (const { path: port } of await serialPortsOfSystem()) expect(port).toMatch(/^\/dev\//);
});
