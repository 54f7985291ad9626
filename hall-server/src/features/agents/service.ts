/** What other features may ask about agents, devices and live fields. */
import type { AgentView, DeviceView, LiveField, QueueLive, WindowLive } from '@hall/contracts';
import type { Asker } from '../audit/chain.ts';

export interface AgentService {
  /** All agents, by id. */
  list(): AgentView[];
  /**
   * Admits an agent, or gives it a new credential, and returns the credential: the only time it is known.
   * A session under the old credential ends. `asker` is the person of the audit row; the server itself if left out.
   * @throws HallError NAME_TAKEN, INPUT_INVALID for what is no id.
   */
  admit(id: string, asker?: Asker): Promise<{ readonly agent: string; readonly password: string }>;
  /** Forgets an agent and ends its session. @throws HallError AGENT_UNKNOWN, CONTENT_REFERENCED. */
  remove(id: string, asker?: Asker): Promise<void>;
}

export interface DeviceService {
  /** All devices of the hall content with what is desired and what is reported, by id. */
  list(): DeviceView[];
  get(id: string): DeviceView | undefined;
}

export interface LiveRow<Value> {
  readonly field: LiveField & { readonly value: Value };
  /** When the server committed this value, Unix ms. */
  readonly changedAt: number;
}

export interface LiveService {
  /** Current live fields of the windows, by window id. */
  windows(): ReadonlyMap<string, LiveRow<WindowLive>>;
  /** Current live fields of the queues, by service id. */
  queues(): ReadonlyMap<string, LiveRow<QueueLive>>;
}
