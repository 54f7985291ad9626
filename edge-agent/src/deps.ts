/** What an agent is given from outside. */
import type { Clock } from '@hall/contracts';
import type { Logger } from 'pino';
import type { LogRing } from './commands/log-ring.ts';
import type { OwnNetwork, SerialPortInfo } from './discovery/finder.ts';
import type { Codes } from './enrolment/enrol.ts';
import type { OutboxLimits } from './outbox/limits.ts';
import type { Parent } from './run/heartbeat.ts';
import type { Resolve } from './uplink/server-address.ts';
import type { LoopWatch } from './watchdog/loop-watch.ts';

export interface AgentDeps {
  readonly clock: Clock;
  readonly log: Logger;
  /** In [0, 1); spreads retries. */
  readonly random?: () => number;
  readonly outboxLimits?: OutboxLimits;
  /** The newest lines of `log`, for whoever may ask for them. */
  readonly logs?: LogRing;
  /** Ends this run of the agent and begins another; without it the agent cannot be told to restart. */
  readonly restart?: () => void;
  /** Codes for people to compare, while the agent waits to be admitted. */
  readonly onCodes?: (codes: Codes | undefined) => void;
  /** Where a search looks without being told; default what the system has. */
  readonly networks?: () => readonly OwnNetwork[];
  /** Default the system's name service. */
  readonly resolve?: Resolve;
  readonly serialPorts?: () => Promise<readonly SerialPortInfo[]>;
  /** Who measures the event loop, where this process is the agent's own. */
  readonly loop?: LoopWatch;
  /** The parent that can start another release of the agent, and the folder of the keys that may sign one. */
  readonly updates?: { readonly parent: Parent; readonly keys: string };
  /** Names the configuration file, as far as it is one. */
  readonly configHash?: string;
}
