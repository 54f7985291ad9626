/** Connects an agent: gets it admitted where it has no id yet, says hello, and hands what the server says to the part it is for. */
import { readFile } from 'node:fs/promises';
import type { Payload } from '@hall/contracts';
import type { Logger } from 'pino';
import { asksToBeAdmitted, type AgentConfig } from './config.ts';
import type { AgentDeps } from './deps.ts';
import { driverInfos } from './drivers/registry.ts';
import type { Codes } from './enrolment/enrol.ts';
import { identityFiles } from './enrolment/identity.ts';
import { brokerUrl, startMember, type Member } from './enrolment/member.ts';
import type { AgentParts } from './parts.ts';
import type { Credentials } from './uplink/connection.ts';
import type { Line } from './uplink/line.ts';
import type { Incoming } from './uplink/messages.ts';
import { HEARTBEAT_MS, startUplink, type Uplink } from './uplink/uplink.ts';
import { VERSION } from './version.ts';

export interface ConversationOptions {
  readonly config: AgentConfig;
  readonly deps: AgentDeps;
  readonly log: Logger;
  readonly line: Line;
  readonly parts: AgentParts;
}

export interface Conversation {
  /** Undefined until the agent was given its id. */
  readonly agent: string | undefined;
  /** What the agent shows while it waits to be admitted. */
  readonly codes: Codes | undefined;
  /** Another key and certificate now. @throws HallError as the server answers. */
  renew(): Promise<void>;
  /** Says goodbye. */
  close(): Promise<void>;
}

/** Begins at once, and goes on until it is closed. */
export function startConversation({ config, deps, log, line, parts }: ConversationOptions): Conversation {
  const { clock, random = Math.random } = deps;
  const { epoch, installId } = parts;
  const { passwordFile, caFile } = config.server;
  let uplink: Uplink | undefined;
  let member: Member | undefined;
  let agent: string | undefined;

  const hello = (): Payload<'hello'> => ({
    epoch,
    installId,
    version: VERSION,
    drivers: [...driverInfos],
    applied: { ...parts.documents.applied, live: { gen: parts.live.set.gen, seq: parts.live.set.head } },
    outbox: { tail: parts.outbox.span.tail, head: parts.outbox.span.head },
    wallMs: clock.wall.nowMs(),
    beat: parts.beats.next(),
    heartbeatMs: HEARTBEAT_MS,
  });

  function onMessage(message: Incoming): void {
    switch (message.name) {
      case 'welcome':
        parts.time.hear(message.data.hallTime);
        parts.time.discipline.welcomed();
        parts.status.welcomed();
        parts.documents.keepOnly(message.data.devices);
        parts.outbox.welcomed(message.data.outboxAck);
        for (const host of parts.fleet.hosts.values()) host.report();
        parts.commands.welcomed();
        return;
      case 'tables':
        return parts.documents.takeTables(message.data);
      case 'desired':
        if (message.data.device.id !== message.device || message.data.device.agent !== agent)
          return parts.count('dropped.device');
        return parts.documents.takeDesired(message.data);
      case 'live':
        return parts.live.take(message.data);
      case 'lease':
        parts.time.hear(message.data.hallTime);
        return parts.live.takeLease(message.data);
      case 'waiting':
        return parts.local.takeWaiting(message.data);
      case 'upack':
        if (message.data.installId === installId) parts.outbox.acknowledged(message.data.seq);
        else parts.count('dropped.upack');
        return;
      case 'command':
        return parts.commands.take(message.data);
      case 'discover':
        return parts.discovery.take(message.data);
      case 'trace':
        return parts.traces.take(message.device ?? '', message.data);
      case 'timeReply':
        return parts.time.discipline.take(message.data);
      case 'serverState':
        log.info({ server: message.data.state }, 'server state');
    }
  }

  const connect = (id: string, url: string, credentials: (refusals: number) => Promise<Credentials>): void => {
    agent = id;
    uplink = startUplink(
      {
        hall: config.hall,
        agent: id,
        url,
        addresses: parts.addresses,
        credentials,
        epoch,
        beats: parts.beats,
        hello,
        onMessage,
        onState: (state) => {
          log.info({ uplink: state }, 'uplink changed');
          parts.local.onUplink(state);
          if (state !== 'welcomed') {
            parts.outbox.parted();
            parts.time.discipline.parted();
          }
          // Two agents must not command the same strip: the one that is refused lets go of all.
          if (state === 'fenced') void parts.fleet.become(new Map());
          if (state === 'welcomed') void parts.fleet.become(parts.documents.desired);
        },
        count: parts.count,
      },
      { clock, log, random },
    );
    line.plug(uplink);
  };
  if (asksToBeAdmitted(config)) {
    const { url, caFingerprint, mqttUrl } = config.server;
    const { onCodes = () => {} } = deps;
    const who = startMember(
      {
        hall: config.hall,
        url,
        wish: config.agent,
        caFingerprint,
        mqttUrl,
        files: identityFiles(config.data),
        onCodes: (codes) => {
          if (codes) log.info(codes, 'compare this code in the console');
          onCodes(codes);
        },
        onIdentity: (identity) =>
          connect(identity.agent, brokerUrl(identity, url, mqttUrl), async (refusals) => who.credentials(refusals)),
        onRenewed: () => void uplink?.reconnect(),
      },
      { clock, log, random, addresses: parts.addresses },
    );
    member = who;
  } else if (config.agent !== undefined && passwordFile !== undefined) {
    connect(config.agent, config.server.url, async () => ({
      password: (await readFile(passwordFile, 'utf8')).trim(),
      ...(caFile !== undefined && { ca: await readFile(caFile, 'utf8') }),
    }));
  }

  return {
    get agent() {
      return agent;
    },
    get codes() {
      return member?.codes;
    },
    renew: async () => member?.renew(),
    async close() {
      await member?.close();
      await uplink?.close();
    },
  };
}
