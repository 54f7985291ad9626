/** What adopting a found device would make of the hall content. Pure: the same answer before and after the confirmation. */
import type { AdoptRequest, Adoption, Device, FoundDevice, HallContent, Inventory, Window } from '@hall/contracts';
import { templates } from '@hall/templates';
import { Value } from 'typebox/value';
import { deviceAt, filledSettings, type SchemaOf } from './same-place.ts';

export interface ProposalInput {
  readonly agent: string;
  readonly found: FoundDevice;
  readonly request: AdoptRequest;
  readonly content: HallContent;
  readonly schemaOf: SchemaOf;
  /** Whether a device of the hall answers right now. */
  readonly isOnline: (device: string) => boolean;
}
export type Proposal = Omit<Adoption, 'adopted'>;
type Size = { readonly widthPx: number; readonly heightPx: number };
type Conflict = Adoption['conflicts'][number];

const MAX_ID = 32;
/** Templates that show something of a window or an area by themselves, in this order. */
const shown = ['window-strip', 'queue-board'];
/** Most strips sold for windows. */
const USUAL: Size = { widthPx: 192, heightPx: 32 };

const isSize = (one: Size, other: Size) => one.widthPx === other.widthPx && one.heightPx === other.heightPx;

/** The template that was laid out for a size. */
export const templateFor = (size: Size): string | undefined =>
  shown.find((id) => templates.find((template) => template.id === id)?.sizes.some((own) => isSize(own, size)));

/** The size most screens of this driver in the hall have; strips of a hall are bought together. */
function usualSize({ devices }: HallContent, driver: string): Size {
  const counts = new Map<string, { size: Size; times: number }>();
  for (const device of devices) {
    if (device.driver !== driver || !device.screen) continue;
    const { widthPx, heightPx } = device.screen;
    const key = `${widthPx}x${heightPx}`;
    counts.set(key, { size: { widthPx, heightPx }, times: (counts.get(key)?.times ?? 0) + 1 });
  }
  return [...counts.values()].toSorted((one, other) => other.times - one.times)[0]?.size ?? USUAL;
}

/** `wanted`, or the same with the first number that is free. */
function freeId(wanted: string, devices: readonly Device[]): string {
  const taken = new Set(devices.map(({ id }) => id));
  const base = wanted.slice(0, MAX_ID - 4).replace(/-+$/, '');
  for (let at = 1; ; at += 1) {
    const id = at === 1 ? wanted.slice(0, MAX_ID) : `${base}-${at}`;
    if (!taken.has(id)) return id;
  }
}

/** What the device says of itself, over what people have written about its place. */
function inventoryOf(
  { maker, model, firmware, serial, mac }: FoundDevice,
  window: Window | undefined,
  held?: Inventory,
): Inventory {
  const place = held?.place ?? (window && [window.area, `${window.number} 号窗口`].filter(Boolean).join(' '));
  const number = serial ?? (mac === undefined ? undefined : `MAC ${mac}`);
  return {
    ...(place === undefined ? {} : { place }),
    ...(held?.switch === undefined ? {} : { switch: held.switch }),
    ...(maker === undefined ? {} : { maker }),
    ...(model === undefined ? {} : { model }),
    ...(number === undefined ? {} : { serial: number }),
    ...(firmware === undefined ? {} : { firmware }),
    // The warranty was that of the device that is gone.
    ...(held?.responsible === undefined ? {} : { responsible: held.responsible }),
  };
}

/** The row that would be written, what is assumed in it, and what stands in the way. */
export function propose({ agent, found, request, content, schemaOf, isOnline }: ProposalInput): Proposal {
  const notes: Adoption['notes'] = [];
  const conflicts: Conflict[] = [];
  const conflict = (what: Conflict['what'], device: string | null = null) => conflicts.push({ what, device });
  const before = content.devices.find(({ id }) => id === request.replaces);
  if (request.replaces !== undefined && !before) conflict('id_taken', request.replaces);

  const windowId = request.window ?? before?.screen?.window;
  const window = content.windows.find(({ id }) => id === windowId);
  const told = found.widthPx !== undefined && found.heightPx !== undefined;
  const asked = request.widthPx !== undefined && request.heightPx !== undefined;
  const fallback = before?.screen ?? usualSize(content, found.driver);
  const size: Size = {
    widthPx: request.widthPx ?? found.widthPx ?? fallback.widthPx,
    heightPx: request.heightPx ?? found.heightPx ?? fallback.heightPx,
  };
  if (!told && !asked) notes.push('size_assumed');
  if (found.model === undefined) notes.push('model_unknown');
  if (before && isOnline(before.id)) notes.push('replaces_online');
  const sameDriver = before?.driver === found.driver;
  if (before && !sameDriver) notes.push('driver_differs');

  const template =
    (sameDriver && before?.screen && isSize(before.screen, size) ? before.screen.template : undefined) ?? templateFor(size);
  if (template === undefined) conflict('size_unfit');
  const isStrip = template === 'window-strip';
  if ((windowId !== undefined && !window) || (isStrip && windowId === undefined)) conflict('window_unknown');

  const here = deviceAt(found, agent, content.devices, schemaOf);
  if (here && here.id !== before?.id) conflict('address_taken', here.id);
  const neighbour = content.devices.find(
    ({ id, screen }) => windowId !== undefined && screen?.window === windowId && id !== before?.id,
  );
  if (neighbour && isStrip && request.beside !== true) conflict('window_taken', neighbour.id);

  const id = before?.id ?? request.id ?? freeId(window ? `strip-${window.id}` : `${found.driver}-${agent}`, content.devices);
  if (!before && content.devices.some((device) => device.id === id)) conflict('id_taken', id);
  const settings = { ...(sameDriver ? before?.settings : {}), ...found.settings };
  const schema = schemaOf(agent, found.driver);
  if (schema && !Value.Check(schema, filledSettings(schema, settings))) conflict('settings_invalid');

  const area = request.area ?? before?.screen?.area;
  const device: Device = {
    id,
    name: request.name ?? before?.name ?? (window ? `${window.number} 号窗口屏` : id),
    agent,
    driver: found.driver,
    settings,
    screen: {
      template: template ?? 'window-strip',
      ...size,
      ...(windowId === undefined ? {} : { window: windowId }),
      ...(area === undefined ? {} : { area }),
    },
    inventory: inventoryOf(found, window, before?.inventory),
  };
  return { device, before: before ?? null, notes, conflicts };
}
