/** What an agent does by itself: island mode, the local call port, speech, the blank key and the keys of approvers, put together. */
import path from 'node:path';
import type { Clock, WaitingMessage } from '@hall/contracts';
import type { Logger } from 'pino';
import { approversIn } from '../approvers/file.ts';
import type { AgentConfig } from '../config.ts';
import type { LiveSet } from '../live/live-set.ts';
import type { OutboxLimits } from '../outbox/limits.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { Store } from '../store/store.ts';
import { DEFAULT_ZONE } from '../time/local-time.ts';
import type { Documents } from '../twin/documents.ts';
import { planOf } from '../twin/reconcile.ts';
import type { UplinkState } from '../uplink/uplink.ts';
import { createBlankKey } from './blank.ts';
import { startCallPort, type CallPort } from './call-port.ts';
import { createIsland } from './island.ts';
import { createSpeech, type Voice } from './speech.ts';
import { espeakVoice, recordingVoice } from './voices.ts';
import { createWaiting } from './waiting.ts';

/** How long the server's word counts where no plan says it, ms. */
const MAX_AGE_MS = 30_000;

export interface LocalLife {
  readonly callPort: CallPort;
  readonly blanked: boolean;
  /** The live set as screens are to see it. */
  overlay(set: LiveSet): LiveSet;
  takeWaiting(message: WaitingMessage): void;
  onTruth(changed: ReadonlySet<string>): void;
  onUplink(state: UplinkState): void;
  close(): Promise<void>;
}

export interface LocalLifeOptions {
  readonly config: AgentConfig;
  readonly installId: string;
  readonly store: Store;
  readonly outbox: Outbox;
  readonly limits: OutboxLimits;
  readonly hallTime: Clock['hall'];
  readonly live: () => LiveSet;
  readonly documents: Documents;
  /** These live fields are to be shown differently. */
  onChange(keys: ReadonlySet<string>): void;
  /** A connection to the call port was cut because what it sent never came to an end. */
  onSlow(): void;
  /** All screens are to be looked at anew. */
  onBlank(): void;
}

function voiceOf({ data, speech }: AgentConfig, clock: Clock): Voice | undefined {
  if (speech.voice === 'recording') return recordingVoice(path.resolve(data, speech.file), clock);
  return speech.voice === 'espeak' ? espeakVoice({}, clock) : undefined;
}

/** @throws HallError PORT_TAKEN. */
export async function createLocalLife(options: LocalLifeOptions, clock: Clock, log: Logger): Promise<LocalLife> {
  const { config, installId, store, outbox, limits, hallTime, documents } = options;
  const memory = await store.call('islandRemember');
  const waiting = createWaiting({ memory, store, outbox, limits, hallTime }, log);
  const voice = voiceOf(config, clock);
  const speech = createSpeech({ voice, maxAgeMs: config.speech.maxAgeMs, store, append: outbox.append }, clock, log);
  const blank = createBlankKey({ blanked: memory.blanked, store, outbox, limits, hallTime, onChange: options.onBlank });
  const island = createIsland(
    {
      settings: config.island,
      memory,
      store,
      outbox,
      limits,
      waiting,
      hallTime,
      zone: () => documents.tables?.calendar.zone ?? DEFAULT_ZONE,
      live: options.live,
      maxAgeMs: () => {
        const ages = [...documents.desired.values()].flatMap((document) => planOf(document)?.maxAgeMs ?? []);
        return ages.length === 0 ? MAX_AGE_MS : Math.max(...ages);
      },
      onChange: options.onChange,
      onCall: ({ window, ticket = '', islandSeq }, at) => {
        const { number = window, area = 'hall' } = documents.tables?.names.windows[window] ?? {};
        void speech.say({ id: `${installId}-${islandSeq}`, zone: area, parts: ['请', ticket, '到', number, '号窗口'], at });
      },
    },
    clock,
    log,
  );
  const callPort: CallPort = {
    press: island.press,
    blank: blank.set,
    state: () => ({
      phase: island.phase,
      blanked: blank.blanked,
      windows: waiting.deal.windows,
      waiting: [...waiting.lists.values()].map(({ service, tickets, at }) => ({ service, count: tickets.length, at })),
    }),
  };
  async function end(): Promise<void> {
    await island.close();
    await speech.close();
    await waiting.settled();
  }
  const server = await startCallPort(
    { ...config.island, data: config.data, machine: clock.machine, slow: options.onSlow },
    callPort,
  ).catch(async (error: unknown) => {
    await end();
    throw error;
  });

  let told = '';
  /** Which keys may approve here: told at every start and when it has changed, so that the server can show it. */
  async function tellApprovers(): Promise<void> {
    const approvers = (await approversIn(config.data)).map(({ name, fingerprint }) => ({ name, fingerprint }));
    const text = JSON.stringify(approvers);
    if (text === told) return;
    told = text;
    outbox.append({ type: 'approvers.changed', at: hallTime.nowMs(), data: { approvers } });
  }
  const tell = () => tellApprovers().catch((error: unknown) => log.error({ err: error }, 'approver keys could not be read'));
  await tell();

  return {
    callPort,
    get blanked() {
      return blank.blanked;
    },
    overlay: island.overlay,
    takeWaiting: waiting.take,
    onTruth: island.onTruth,
    onUplink: (state) => {
      if (state === 'welcomed') void tell();
      island.onUplink(state);
    },
    async close() {
      await server.close();
      await end();
    },
  };
}
