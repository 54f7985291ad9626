/** What the page of a device is made of, from top to bottom. A further section is one line here. */
import type { DeviceView, Permission } from '@hall/contracts';
import type { ComponentType } from 'react';
import { DeviceHistory } from '../history/device-history.tsx';
import type { Dictionary } from '../i18n/zh.ts';
import { CommandPanel } from './commands/command-panel.tsx';
import { DeviceCounters, DeviceFacts, DeviceSettings } from './device-facts.tsx';
import { EventsSection } from './events-section.tsx';
import { InventorySection } from './inventory-section.tsx';
import { TraceSection } from './trace-section.tsx';

export interface DeviceSection {
  readonly key: string;
  readonly title: (words: Dictionary) => string;
  /** Only for whoever has it; without: everybody who may see devices. */
  readonly needs?: Permission;
  readonly Body: ComponentType<{ readonly device: DeviceView }>;
}

export const deviceSections: readonly DeviceSection[] = [
  { key: 'state', title: (words) => words.devicePage.state, Body: DeviceFacts },
  { key: 'commands', title: (words) => words.commands.title, needs: 'device.command', Body: CommandPanel },
  { key: 'inventory', title: (words) => words.devicePage.inventory, Body: InventorySection },
  { key: 'settings', title: (words) => words.devicePage.settings, Body: DeviceSettings },
  { key: 'counters', title: (words) => words.devicePage.counters, Body: DeviceCounters },
  { key: 'history', title: (words) => words.history.title, Body: ({ device }) => <DeviceHistory device={device.id} /> },
  { key: 'events', title: (words) => words.devicePage.events, needs: 'event.view', Body: EventsSection },
  { key: 'trace', title: (words) => words.devicePage.trace, needs: 'device.trace', Body: TraceSection },
];
