/** Where the devices of an agent are, so that a search leaves them alone. */
import { lookup } from 'node:dns/promises';
import { realpath } from 'node:fs/promises';
import { ipv4Of, type Clock } from '@hall/contracts';
import type { Static, TSchema } from 'typebox';
import { settingsFor, type Driver } from '../drivers/driver.ts';
import type { Document } from '../twin/reconcile.ts';
import type { PlacesInUse } from './finder.ts';

type Place = { readonly device: string; readonly host?: string; readonly port?: number; readonly path?: string };

const NAME_LOOKUP_MS = 2000;

/** The place a device's settings name: `host` and `port`, or `path`. Settings no driver can read name none. */
function placeOf({ device }: Document, driverOf: (id: string) => Driver): Place {
  let settings: Static<TSchema>;
  try {
    settings = settingsFor(driverOf(device.driver), device.settings);
  } catch {
    settings = device.settings;
  }
  const { host, port, path, transport } = settings as Record<string, unknown>;
  return {
    device: device.id,
    ...(typeof host === 'string' && transport !== 'serial' ? { host } : {}),
    ...(typeof port === 'number' ? { port } : {}),
    ...(typeof path === 'string' && transport !== 'tcp' ? { path } : {}),
  };
}

async function addressesOf(host: string, { machine }: Clock): Promise<readonly string[]> {
  if (ipv4Of(host) !== undefined) return [host];
  const answered = new AbortController();
  const asked = lookup(host, { family: 4, all: true }).then((found) => found.map(({ address }) => address));
  const late = machine.sleep(NAME_LOOKUP_MS, answered.signal).then(() => []);
  const addresses = await Promise.race([asked.catch(() => []), late]);
  answered.abort();
  await late.catch(() => {});
  return addresses;
}

/** Looks up names and links once; a place that cannot be resolved is compared as it is written. */
export async function placesInUse(
  documents: Iterable<Document>,
  driverOf: (id: string) => Driver,
  clock: Clock,
): Promise<PlacesInUse> {
  const network = new Map<string, string>();
  const serial = new Map<string, string>();
  await Promise.all(
    [...documents].map(async (document) => {
      const { device, host, port, path } = placeOf(document, driverOf);
      if (host !== undefined)
        for (const address of [host, ...(await addressesOf(host, clock))]) network.set(`${address}:${port}`, device);
      if (path !== undefined) for (const name of [path, await realpath(path).catch(() => path)]) serial.set(name, device);
    }),
  );
  return {
    network: (host, port) => network.get(`${host}:${port}`),
    serial: (path) => serial.get(path),
  };
}
