/** Which documents each agent is to hold: pure, from hall content alone. */
import type { DrivenDevice, HallContent, ScreenPlan } from '@hall/contracts';
import { boundFields, planFor, tablesOf } from '@hall/model';
import type { PlannedDocument } from './writes.ts';

/** The tables document is the same for every agent and kept once, under no agent. */
export const TABLES = { agent: '', name: 'tables' } as const;
export const deviceDocument = (device: string): string => `device/${device}`;

/** Body of a desired document, without its version. */
export interface DesiredBody {
  readonly device: DrivenDevice;
  readonly plan?: ScreenPlan;
}

/** All documents of a hall; bodies are JSON, equal for equal content. */
export function documentsOf(content: HallContent): PlannedDocument[] {
  return [
    { ...TABLES, body: JSON.stringify(tablesOf(content)) },
    ...content.devices.map((device) => {
      const plan = planFor(device, content);
      // The agent needs no inventory; a new serial number must not look like a new wish.
      const { inventory: _, ...driven } = device;
      const body: DesiredBody = { device: driven, ...(plan && { plan }) };
      return { agent: device.agent, name: deviceDocument(device.id), body: JSON.stringify(body) };
    }),
  ];
}

/** Live fields each agent shows, by agent id. */
export function fieldsByAgent(content: HallContent): Map<string, ReadonlySet<string>> {
  const fields = new Map<string, Set<string>>();
  for (const device of content.devices) {
    const plan = planFor(device, content);
    const own = fields.get(device.agent) ?? new Set<string>();
    fields.set(device.agent, own);
    if (plan) for (const key of boundFields(plan)) own.add(key);
  }
  return fields;
}
