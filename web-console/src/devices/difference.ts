import type { DeviceView } from '@hall/contracts';
import type { Dictionary } from '../i18n/zh.ts';

/** What differs, in words; a name this console does not know stays as it is. */
export const differenceText = (difference: readonly string[], words: Dictionary): string =>
  difference.map((name) => words.difference[name] ?? name).join(words.overview.listSeparator);

/** Whether somebody should look at a device: it differs, it is not online, or its agent is not. */
export const needsAttention = (device: DeviceView): boolean =>
  device.difference.length > 0 || device.reported?.link !== 'online' || device.agentPresence !== 'online';
