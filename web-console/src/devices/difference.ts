import type { DeviceView } from '@hall/contracts';
import type { Dictionary } from '../i18n/zh.ts';

/** What differs, in words; a name this console does not know stays as it is. */
export const differenceText = (difference: readonly string[], words: Dictionary): string =>
  difference.map((name) => words.difference[name] ?? name).join(words.overview.listSeparator);

/**
 * Whether a board waits for a page: its agent is online and has taken the newest document, and the link fails for no other
 * reason than that no page is connected. A page that is there and does not answer reports another code.
 */
export const waitsForPage = ({ driver, agentPresence, reported, difference }: DeviceView): boolean =>
  driver === 'kiosk' &&
  agentPresence === 'online' &&
  reported?.link === 'offline' &&
  (reported.error === undefined || reported.error === 'DEVICE_OFFLINE') &&
  difference.every((name) => name === 'link');

/** Whether somebody should look at a device: it differs, it is not online, or its agent is not. Not: a board nobody opened. */
export const needsAttention = (device: DeviceView): boolean =>
  !waitsForPage(device) &&
  (device.difference.length > 0 || device.reported?.link !== 'online' || device.agentPresence !== 'online');
