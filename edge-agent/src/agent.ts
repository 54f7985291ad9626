/** The edge agent: makes true on hardware what the hall server wants, and goes on alone when the server is away. */
import { existsSync } from 'node:fs';
import { HallError, type TimeTrust } from '@hall/contracts';
import type { AgentConfig } from './config.ts';
import { startConversation, type Conversation } from './conversation.ts';
import type { AgentDeps } from './deps.ts';
import type { DeviceState } from './devices/device-host.ts';
import type { Codes } from './enrolment/enrol.ts';
import type { CallPort, CallPortState } from './island/call-port.ts';
import type { OutboxSpan } from './outbox/sql.ts';
import { createAgentParts } from './parts.ts';
import type { Facts } from './update/health.ts';
import { createLine } from './uplink/line.ts';
import type { UplinkState } from './uplink/uplink.ts';

export interface AgentState {
  /** Undefined until the agent was given its id. */
  readonly agent: string | undefined;
  /** What the agent shows while it waits to be admitted. */
  readonly codes: Codes | undefined;
  readonly uplink: UplinkState;
  readonly epoch: string;
  readonly installId: string;
  readonly live: { readonly gen: string; readonly head: number; readonly keys: number };
  readonly outbox: OutboxSpan;
  readonly time: { readonly trust: TimeTrust; readonly skewMs: number | undefined };
  readonly devices: Readonly<Record<string, DeviceState>>;
  /** What the agent does without a server. */
  readonly local: CallPortState;
  /** Dropped messages, requests for a resync and the like, by name. */
  readonly counters: Readonly<Record<string, number>>;
}

export interface EdgeAgent {
  /** Board pages are `{kioskUrl}/screen/{device}`. */
  readonly kioskUrl: string;
  /** What keys at windows reach; its address and token are in `call-port.json` of the data folder. */
  readonly callPort: CallPort;
  /** What the agent is doing; for tests and for the log. */
  state(): AgentState;
  /** What a release on trial is judged by. */
  facts(): Facts;
  /** Another key and certificate now, for an agent that was admitted. @throws HallError as the server answers. */
  renewKey(): Promise<void>;
  /** Says goodbye, writes what waits and closes everything. May be called more than once. */
  close(): Promise<void>;
}

/**
 * Starts an agent. It works from its store at once and from the server as soon as that answers.
 * @throws HallError CONFIG_INVALID (`field`), PORT_TAKEN, STORE_NEWER or STORE_FAILED.
 */
export async function createEdgeAgent(config: AgentConfig, deps: AgentDeps): Promise<EdgeAgent> {
  const log = deps.log.child({ hall: config.hall, ...(config.agent !== undefined && { agent: config.agent }) });
  const { passwordFile } = config.server;
  if (passwordFile !== undefined && !existsSync(passwordFile)) {
    throw new HallError('CONFIG_INVALID', { field: 'server.passwordFile', reason: 'the file does not exist' });
  }
  const line = createLine();
  let conversation: Conversation | undefined;
  const parts = await createAgentParts({ config, deps, log, line, codes: () => conversation?.codes });
  const { kiosk, local, live, outbox, time, fleet } = parts;
  const talk = startConversation({ config, deps, log, line, parts });
  conversation = talk;

  let closing: Promise<void> | undefined;
  async function close(): Promise<void> {
    await talk.close();
    await parts.close();
  }

  return {
    kioskUrl: kiosk.url,
    renewKey: talk.renew,
    callPort: local.callPort,
    facts: parts.facts,
    state: () => ({
      agent: talk.agent,
      codes: talk.codes,
      uplink: line.state,
      epoch: parts.epoch,
      installId: parts.installId,
      live: { gen: live.set.gen, head: live.set.head, keys: live.set.entries.size },
      outbox: outbox.span,
      time: { trust: time.hallTime.trust, skewMs: time.discipline.skew()?.ms },
      devices: Object.fromEntries([...fleet.hosts].map(([id, host]) => [id, host.state()])),
      local: local.callPort.state(),
      counters: { ...parts.counters },
    }),
    close: () => (closing ??= close()),
  };
}
