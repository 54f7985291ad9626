/** The networks and serial ports of this machine. */
import { readdir, realpath } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import path from 'node:path';
import { ipv4Of, ipv4Text } from '@hall/contracts';
import type { OwnNetwork, SerialPortInfo } from './finder.ts';

const BY_ID = '/dev/serial/by-id';

/** IPv4 networks of this machine, without loopback. */
export function ownNetworks(): readonly OwnNetwork[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address, netmask }) => ({ address, broadcast: broadcastOf(address, netmask) }));
}

/** The address that all hosts of a network hear. */
export function broadcastOf(address: string, netmask: string): string {
  const size = 2 ** 32 - (ipv4Of(netmask) ?? 0);
  const host = ipv4Of(address) ?? 0;
  return ipv4Text(host - (host % size) + size - 1);
}

/** Every serial port of the system, under the name of its adapter where there is one. */
export async function serialPortsOfSystem(): Promise<readonly SerialPortInfo[]> {
  const { SerialPort } = await import('serialport');
  // A system without udev cannot be asked; the names of adapters are still there, if it has any.
  const [ports, links] = await Promise.all([SerialPort.list().catch(() => []), readdir(BY_ID).catch(() => [])]);
  const names = new Map<string, string>();
  for (const link of links) {
    const name = path.join(BY_ID, link);
    const target = await realpath(name).catch(() => undefined);
    if (target !== undefined) names.set(target, name);
  }
  const listed = ports.map(({ path: device, manufacturer, serialNumber }) => {
    const about = [manufacturer, serialNumber].filter((word) => word !== undefined).join(' ');
    return { path: names.get(device) ?? device, ...(about === '' ? {} : { about }) };
  });
  const unlisted = [...names.values()].filter((name) => !listed.some((port) => port.path === name));
  return [...listed, ...unlisted.map((name) => ({ path: name }))];
}
