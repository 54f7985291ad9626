/** What others may ask of notices: tell what happened to an alarm, set who is told, look at what was sent. */
import { randomUUID } from 'node:crypto';
import {
  createTimer,
  HallError,
  type AlarmNews,
  type ChannelSecret,
  type ChannelTestReply,
  type Clock,
  type ConsoleNotice,
  type Delivery,
  type HallContent,
  type NoticeChannel,
  type NoticeSettingsPut,
  type NoticeSettingsView,
} from '@hall/contracts';
import { phaseAt } from '@hall/model';
import type { Logger } from 'pino';
import type { HallChanges } from '../../platform/changes.ts';
import { seal, unseal } from '../../platform/keys.ts';
import type { Writer } from '../../platform/store/writer.ts';
import type { Asker } from '../audit/chain.ts';
import { destinationOf, mayHaveSecret, settingsFault, withoutQueries } from './check-settings.ts';
import { createCourier } from './courier.ts';
import type { Secrets } from './formats.ts';
import type { Message } from './message.ts';
import { reaches } from './recipients.ts';
import { createSend, type Voice } from './send.ts';
import type { NoticeStore } from './store.ts';
import type { Decided } from './writes.ts';

/** Nothing is waited for longer than this at once, ms. */
const LONGEST_WAIT_MS = 60_000;
const RETRY_MS = 5000;
const QUIET_MS = 3_600_000;
const DAY_MS = 86_400_000;
const KEEP_DAYS = 90;
const RETAIN_EVERY_MS = 3_600_000;
const STEP_ROWS = 1000;

export interface NoticeService {
  /** Takes what happened to alarms, in order; resolves once it is stored and can no longer be forgotten. */
  tell(news: readonly AlarmNews[]): Promise<void>;
  /** After a start: these are all alarms that are open now. */
  reconcile(open: readonly AlarmNews[]): Promise<void>;
  /** Whoever speaks in the hall office; undefined when nobody does any more. */
  registerVoice(voice: Voice | undefined): void;
  settings(): NoticeSettingsView;
  /** @throws HallError NOTICE_SETTINGS_INVALID, CONFLICT. */
  store(asker: Asker, put: NoticeSettingsPut, ifVersion: number): Promise<void>;
  /** Sends a marked test and waits for the real answer. @throws HallError NOT_FOUND, INPUT_INVALID. */
  test(asker: Asker, channel: string, person?: string): Promise<ChannelTestReply>;
  /** Newest first. */
  deliveries(query: { before?: number; channel?: string; limit: number }): Delivery[];
  /** What was shown on the console, newest first. */
  onConsole(limit: number): ConsoleNotice[];
  /** Escalates and removes what is old until the signal aborts; resolves when nothing is under way any more. */
  run(signal: AbortSignal): Promise<void>;
}
export interface NoticeOptions {
  readonly hall: string;
  readonly store: NoticeStore;
  readonly writer: Pick<Writer, 'call'>;
  /** Master key, for the secrets of channels. */
  readonly master: Uint8Array;
  readonly clock: Clock;
  /** Hall milliseconds per machine millisecond. */
  readonly speed: number;
  readonly log: Logger;
  readonly content: () => HallContent;
  readonly changes: HallChanges;
  /** For tests. */
  readonly timeoutMs?: number;
}

const label = (channel: string, name: string) => `notice/${channel}/${name}`;

export function createNoticeService(options: NoticeOptions): NoticeService {
  const { hall, store, writer, master, clock, speed, log, content, changes } = options;
  // Unix ms that follow machine time: a wall clock that is set makes no step come early or late.
  const offset = clock.wall.nowMs() - clock.machine.nowMs();
  const now = () => Math.round(offset + clock.machine.nowMs());
  let voice: Voice | undefined;
  const send = createSend({
    clock,
    voice: () => voice,
    ...(options.timeoutMs !== undefined && { timeoutMs: options.timeoutMs }),
  });

  const secretsOf = (channel: string): Secrets =>
    Object.fromEntries(
      store
        .secrets()
        .filter((row) => row.channel === channel)
        .map(({ name, sealed }) => [name, unseal(master, label(channel, name), sealed).toString()]),
    ) as Secrets;
  const messageOf = (about: Pick<Message, 'id' | 'what' | 'alarms'>, people: readonly string[]): Message => {
    const { settings, calendar } = content();
    const known = store.settings().settings.people;
    return {
      ...about,
      people: known.filter(({ id }) => people.includes(id)),
      hall: { id: hall, zh: settings.zh, en: settings.en },
      zone: calendar.zone,
    };
  };
  const courier = createCourier({
    store,
    writer,
    clock,
    log,
    now,
    send: async (channel, rows, id) => {
      const [first] = rows;
      const what = first?.what ?? 'raised';
      const about = { id, what, alarms: rows.map(({ news }) => news) };
      return send(channel, secretsOf(channel.id), messageOf(about, first?.people ?? []));
    },
  });

  /** While the hall is closed, low priorities wait for its opening; an hour at a time, because the calendar may change. */
  const quietUntil = (): number | null => {
    const hallMs = clock.hall.nowMs();
    const { phase, nextOpenAt } = phaseAt(content().calendar, hallMs);
    if (phase !== 'closed') return null;
    const wait = nextOpenAt === null ? QUIET_MS : Math.max(1, Math.ceil((nextOpenAt - hallMs) / speed));
    return now() + Math.min(wait, QUIET_MS);
  };
  const moment = () => ({ now: now(), quietUntil: quietUntil() });
  let stopped = false;
  const timer = createTimer(clock, () => void escalate());
  const plan = (nextAt: number | null) => {
    if (stopped) return;
    const wait = nextAt === null ? LONGEST_WAIT_MS : Math.min(Math.max(1, nextAt - now()), LONGEST_WAIT_MS);
    timer.set(clock.machine.nowMs() + wait);
  };
  const decided = ({ nextAt, made, onConsole }: Decided) => {
    plan(nextAt);
    if (made) courier.wake();
    if (onConsole.length > 0) changes.emit('notices', onConsole);
  };
  let escalating: Promise<void> = Promise.resolve();
  function escalate(): Promise<void> {
    const nextAt = store.nextEscalation();
    if (nextAt === null || nextAt > now()) {
      plan(nextAt);
      return escalating;
    }
    escalating = writer.call('notices.tick', moment()).then(decided, (error: unknown) => {
      log.warn({ error }, 'escalation waits for the store');
      if (!stopped) timer.set(clock.machine.nowMs() + RETRY_MS);
    });
    return escalating;
  }
  const take = async (news: readonly AlarmNews[], live: boolean) =>
    decided(await writer.call('notices.take', { ...moment(), news, live, whole: !live }));

  const channelOf = (id: string): NoticeChannel => {
    const channel = store.settings().settings.channels.find((each) => each.id === id);
    if (!channel) throw new HallError('NOT_FOUND', { field: '/id' });
    return channel;
  };
  const retain = async () => {
    for (;;) {
      const { removed } = await writer.call('notices.retain', { before: now() - KEEP_DAYS * DAY_MS, limit: STEP_ROWS });
      if (removed === 0) return;
    }
  };

  return {
    tell: (news) => take(news, true),
    reconcile: (open) => take(open, false),
    registerVoice: (speaker) => {
      voice = speaker;
      courier.wake();
    },
    settings: () => {
      const { version, settings } = store.settings();
      const held = store.secrets();
      const waiting = store.waiting();
      const states = settings.channels.map(({ id }) => ({
        channel: id,
        secrets: held.filter(({ channel }) => channel === id).map(({ name }) => name as ChannelSecret),
        waiting: waiting.get(id) ?? 0,
        lastSentAt: store.lastSent(id),
        ...courier.health(id),
      }));
      return { version, settings, states };
    },
    store: async ({ by, address }, put, ifVersion) => {
      const { settings, secrets } = withoutQueries(put.settings, put.secrets);
      const fault = settingsFault(settings);
      if (fault) throw new HallError('NOTICE_SETTINGS_INVALID', { ...fault });
      const before = new Map(store.settings().settings.channels.map((channel) => [channel.id, channel]));
      const held = store.secrets();
      const changed = settings.channels.flatMap((channel) => {
        const { id, kind } = channel;
        const given = Object.entries(secrets[id] ?? {}).filter(([name]) => mayHaveSecret(kind, name as ChannelSecret));
        const old = before.get(id);
        // Whoever changes where a channel leads must know its secrets: they were given for another place.
        const moved = old !== undefined && destinationOf(old) !== destinationOf(channel);
        const names = new Set(given.map(([name]) => name));
        const lost = held.filter((row) => moved && row.channel === id && !names.has(row.name));
        return [
          ...lost.map(({ name }) => ({ channel: id, name, sealed: null })),
          ...given.map(([name, value]) => ({
            channel: id,
            name,
            sealed: value === '' ? null : seal(master, label(id, name), Buffer.from(value)),
          })),
        ];
      });
      await writer.call('notices.store', { by, address, settings, ifVersion, secrets: changed });
      await escalate();
      courier.wake();
    },
    test: async ({ by, address }, id, person) => {
      const channel = channelOf(id);
      const someone = store.settings().settings.people.find((each) => each.id === person);
      const needed = channel.kind === 'sms' || channel.kind === 'email';
      if ((needed || person !== undefined) && (!someone || !reaches(channel.kind, someone))) {
        throw new HallError('INPUT_INVALID', { field: '/person', expected: 'a person this channel can reach' });
      }
      const at = now();
      const news: AlarmNews = {
        happened: 'raised',
        key: `test/${id}`,
        type: 'test',
        title: { zh: '通知测试，无需处理', en: 'Test of notices, nothing to do' },
        firstStep: { zh: '无', en: 'None' },
        visitorsSee: { zh: '没有变化', en: 'No change' },
        priority: 3,
        sinceMs: at,
        acknowledged: false,
        folded: 0,
      };
      const people = someone ? [someone.id] : [];
      const message = messageOf({ id: randomUUID(), what: 'test', alarms: [news] }, people);
      const begun = clock.machine.nowMs();
      const { verdict, code, answer } = await courier.alone(id, () => send(channel, secretsOf(id), message));
      const tookMs = Math.round((clock.machine.nowMs() - begun) * 10) / 10;
      const sent = verdict === 'sent';
      await writer.call('notices.tested', { by, address, id: message.id, channel: id, people, news, sent, code, answer, at });
      return { sent, code, answer, tookMs };
    },
    deliveries: (query) => {
      const names = new Map(store.settings().settings.people.map(({ id, name }) => [id, name]));
      return store.deliveries(query, (id) => names.get(id) ?? id);
    },
    onConsole: (limit) => {
      const { channels } = store.settings().settings;
      return store.onConsole(
        channels.filter(({ kind }) => kind === 'console').map(({ id }) => id),
        limit,
      );
    },
    run: async (signal) => {
      await escalate();
      courier.wake();
      while (!signal.aborted) {
        await retain().catch((error: unknown) => log.warn({ error }, 'old notices not removed'));
        await clock.machine.sleep(RETAIN_EVERY_MS, signal).catch(() => {});
      }
      stopped = true;
      timer.stop();
      await courier.close();
      await escalating;
    },
  };
}
