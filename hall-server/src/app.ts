/** The composition root: the order in which a hall server starts and stops. */
import { setMaxListeners } from 'node:events';
import type { AddressInfo } from 'node:net';
import { HallError, systemClock, type Clock } from '@hall/contracts';
import type { FastifyInstance } from 'fastify';
import { pino, type Logger } from 'pino';
import type { ServerConfig } from './config.ts';
import { attachRealtime } from './features/console/realtime.ts';
import { brokerSource } from './features/alarms/hall-sources.ts';
import { followAlarms } from './features/notices/from-alarms.ts';
import { keepRetaining } from './features/facts/retention.ts';
import { startMessaging, type Messaging } from './messaging.ts';
import { openServices, type HallServices, type ServerParts } from './services.ts';
import { createWeb } from './web.ts';

export const VERSION = '0.1.0';
/** How often content written by another process is looked for, ms. */
const NOTICE_MS = 2000;

export interface HallServer {
  readonly httpUrl: string;
  /** Of the embedded or the external broker. */
  readonly mqttUrl: string;
  /** Of the embedded broker over TLS, where that is configured. */
  readonly mqttsUrl: string | undefined;
  /** The living one-time code for the first administrator; undefined once there is one. */
  readonly bootstrapCode: string | undefined;
  readonly services: HallServices;
  /** The HTTP instance, for documents made from its routes. */
  readonly http: FastifyInstance;
  /** Resolves if the server can no longer do its work; rejects never. */
  readonly failed: Promise<Error>;
  /** Stops taking work, commits what waits, and closes everything. Idempotent. */
  close(): Promise<void>;
}

export interface HallServerOptions {
  readonly clock?: Clock;
  readonly log?: Logger;
  /** Pages of the database at most; without a number the disk is the limit. */
  readonly maxPages?: number;
}

async function listen(http: FastifyInstance, { host, port, tls }: ServerConfig['http']): Promise<string> {
  try {
    await http.listen({ host, port });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new HallError('PORT_TAKEN', { host, port, field: '/http/port' }, error);
  }
  const { address, family, port: taken } = http.server.address() as AddressInfo;
  return `${tls ? 'https' : 'http'}://${family === 'IPv6' ? `[${address}]` : address}:${taken}`;
}

/** What `/metrics` says. */
function numbersOf({ feed, writer }: ServerParts, { broker, link }: Partial<Messaging>) {
  const { fresh, accepted, duplicate, quarantined, flagged } = feed.view();
  return {
    hall_events_accepted: accepted,
    hall_events_duplicate: duplicate,
    hall_events_quarantined: quarantined,
    hall_events_flagged: flagged,
    hall_feed_fresh: Number(fresh),
    hall_writer_waiting: writer.waiting,
    hall_writer_commits: writer.commits,
    hall_mqtt_connections: broker?.connections ?? 0,
    hall_mqtt_refused_publish: broker?.counters.refusedPublish ?? 0,
    hall_mqtt_refused_connect: broker?.counters.refusedConnect ?? 0,
    hall_mqtt_framing_faults: broker?.counters.framing ?? 0,
    hall_mqtt_frozen_readers: broker?.counters.frozen ?? 0,
    hall_mqtt_slow: broker?.counters.slow ?? 0,
    hall_mqtt_refused_handshakes: broker?.counters.refusedHandshake ?? 0,
    hall_mqtt_most_unsent_bytes: broker?.held.mostUnsentBytes ?? 0,
    hall_mqtt_most_held_bytes: broker?.held.mostBytes ?? 0,
    hall_mqtt_invalid_messages: link?.invalid ?? 0,
  };
}

/** Looks for content that another process wrote, until the signal aborts. */
async function noticeContent({ content, current, writer }: ServerParts, { machine }: Clock, signal: AbortSignal): Promise<void> {
  let seen = content.version();
  while (!signal.aborted) {
    await machine.sleep(NOTICE_MS, signal).catch(() => {});
    if (signal.aborted || content.version() === seen) continue;
    seen = content.version();
    if (content.load() !== current()) await writer.call('agents.contentNoticed', null).catch(() => {});
  }
}

/**
 * Starts a hall server. When it resolves, HTTP and MQTT take work.
 * @throws HallError STORE_NEWER, STORE_FAILED, PORT_TAKEN; what was started is closed again.
 */
export async function createHallServer(config: ServerConfig, options: HallServerOptions = {}): Promise<HallServer> {
  const clock = options.clock ?? systemClock(config.simulation);
  const log = options.log ?? pino({ level: config.log });
  const closers: Array<() => Promise<void> | void> = [];
  const onClose = (closer: () => Promise<void> | void) => void closers.push(closer);
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= (async () => {
      for (const closer of closers.toReversed()) await closer();
    })();
    return closing;
  };

  try {
    let messaging: Messaging | undefined;
    const disconnect = (agent: string) => messaging?.broker?.disconnect(agent);
    const limit = options.maxPages === undefined ? {} : { maxPages: options.maxPages };
    const parts = await openServices({ config, clock, log, disconnect, onClose, ...limit });
    const { hub, courier, people, writer, keys, days, alarms, notices, history, fleet, tls } = parts;
    await days.begin();
    await hub.start();
    // Routes take half a second to compile: before the first agent is let in, not while a thousand wait.
    const numbers = () => numbersOf(parts, messaging ?? {});
    const http = await createWeb({ config, version: VERSION, clock, log, parts, numbers });
    onClose(() => http.close());
    attachRealtime(http, { clock, ...parts });
    await http.ready();
    messaging = await startMessaging({ config, clock, log, parts, onClose });
    const { link } = messaging;
    // Before messaging ends; closing it once more is nothing.
    onClose(() => http.close());
    alarms.add(brokerSource(config.hall, () => link.connected));
    const httpUrl = await listen(http, config.http);

    await followAlarms(alarms, notices, (error) => log.error({ error }, 'what happened to an alarm could not be told'));
    const stop = new AbortController();
    // Everything that runs until the end waits on it.
    setMaxListeners(50, stop.signal);
    const running = Promise.all([
      hub.run(stop.signal),
      courier.run(stop.signal),
      parts.island.run(stop.signal),
      days.run(stop.signal),
      alarms.run(stop.signal),
      keepRetaining({ writer, keys, clock, log, days: config.retention }, stop.signal),
      people.bootstrap.run(stop.signal),
      notices.run(stop.signal),
      history.run(stop.signal),
      fleet.run(stop.signal),
      tls.run(stop.signal),
      noticeContent(parts, clock, stop.signal),
    ]);
    onClose(async () => {
      stop.abort();
      await running;
      await hub.flush().catch((error: unknown) => log.warn({ error }, 'last reports not saved'));
    });
    const { url: mqttUrl } = messaging;
    const mqttsUrl = messaging.broker?.tls?.url;
    log.info({ hall: config.hall, httpUrl, mqttUrl, mqttsUrl, version: VERSION }, 'hall server started');
    return {
      httpUrl,
      mqttUrl,
      mqttsUrl,
      get bootstrapCode() {
        return parts.bootstrapCode();
      },
      services: parts,
      http,
      failed: parts.failed,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
