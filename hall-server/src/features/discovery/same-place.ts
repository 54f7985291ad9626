/** Whether a found device and a device of the content are one. Pure. */
import type { Device, FoundDevice } from '@hall/contracts';
import type { TSchema } from 'typebox';

/** The settings schema a driver announced; undefined where no agent has said it. */
export type SchemaOf = (agent: string, driver: string) => TSchema | undefined;

/** Settings with the driver's defaults, as the agent reads them. What an agent announces is JSON Schema and no more. */
export function filledSettings(
  schema: TSchema | undefined,
  settings: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const { properties = {} } = (schema ?? {}) as { properties?: Readonly<Record<string, { default?: unknown }>> };
  const defaults = Object.entries(properties).filter(([, property]) => property.default !== undefined);
  return { ...Object.fromEntries(defaults.map(([key, property]) => [key, property.default])), ...settings };
}

/** A serial port and a loopback address mean another thing on every machine. */
const isOfOneMachine = ({ placedBy, settings }: FoundDevice): boolean =>
  placedBy.includes('path') || /^(?:127\.|localhost$)/.test(String(settings['host'] ?? ''));

/** The device of the content that is at the place of the found one. */
export function deviceAt(found: FoundDevice, agent: string, devices: readonly Device[], schemaOf: SchemaOf): Device | undefined {
  const wanted = filledSettings(schemaOf(agent, found.driver), found.settings);
  return devices.find((device) => {
    if (device.agent !== agent && isOfOneMachine(found)) return false;
    const settings = filledSettings(schemaOf(device.agent, device.driver), device.settings);
    if (settings['transport'] !== wanted['transport']) return false;
    return found.placedBy.every((key) => settings[key] === wanted[key]);
  });
}
