import type { EventEmitter } from 'node:events';
import type { ConsoleNotice } from '@hall/contracts';

/**
 * What changed, by id, always after the commit. Listeners read the new rows from the services; ids may repeat and several
 * changes may be told as one.
 */
export interface ChangeEvents {
  /** Windows whose live field or whose strips' reports changed. */
  windows: [ids: readonly string[]];
  /** Services whose queue changed. */
  queues: [services: readonly string[]];
  /** Devices whose desired or reported document changed. */
  devices: [ids: readonly string[]];
  /** Agents whose presence, session or credentials changed. */
  agents: [ids: readonly string[]];
  /** Commands that took a step. */
  commands: [ids: readonly string[]];
  /** Alarms that were raised, changed or closed. */
  alarms: [ids: readonly string[]];
  /** New facts: first and last seq. */
  facts: [first: number, last: number];
  /** The feed became fresh or stale, or its counters moved. */
  feed: [];
  /** Notices that the console shows. */
  notices: [rows: readonly ConsoleNotice[]];
  /** Hall content was replaced. */
  content: [];
}
export type HallChanges = EventEmitter<ChangeEvents>;
