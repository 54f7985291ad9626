import { IntakeReply, type Clock, type EventOutcome, type PlatformSnapshot } from '@hall/contracts';
import { Compile } from 'typebox/compile';
import type { PlatformEvent } from './events.ts';
import { createPoster, type PostReply } from './post.ts';
import { signWebhook } from './signature.ts';

/** What became of one event. Machine times in ms; `acceptedMs` is when the reply was there. */
export interface Delivery {
  readonly event: PlatformEvent;
  /** First attempt. */
  readonly sentMs: number;
  readonly acceptedMs: number;
  readonly outcome: EventOutcome['outcome'] | 'refused';
  readonly flag?: EventOutcome['flag'];
  readonly code?: string;
  readonly attempts: number;
}

export interface SenderOptions {
  /** For instance http://127.0.0.1:8080 */
  readonly baseUrl: string;
  readonly hall: string;
  /** `whsec_` and base64. */
  readonly secret: string;
  readonly clock: Clock;
  /** Events in one request at most; default 200. 1 sends each alone. */
  readonly maxBatch?: number;
  /** Told for every event, in order, when its fate is known. */
  readonly delivered?: (delivery: Delivery) => void;
  /** Told when the server has taken or refused a snapshot; in order with `delivered`. */
  readonly snapshotDelivered?: (accepted: boolean) => void;
  /** Told when events leave for the first time, before they are on the wire. */
  readonly sending?: (events: readonly PlatformEvent[]) => void;
  /** Told when the line to the server changes. */
  readonly connected?: (connected: boolean, why: string) => void;
}

export interface Sender {
  /** Queues an event. Order is kept; nothing is dropped before the server has answered for it. */
  send(event: PlatformEvent): void;
  /** Queues a snapshot; events sent after it follow it. */
  sendSnapshot(snapshot: PlatformSnapshot): void;
  /** Events and snapshots whose fate is not known. */
  readonly pending: number;
  /** Resolves when nothing is pending. */
  drained(): Promise<void>;
  /** Stops sending; what is pending stays unsent. */
  close(): Promise<void>;
}

type Item = { readonly event: PlatformEvent; sentMs?: number; attempts: number } | { readonly snapshot: PlatformSnapshot };
const REPLY_TIMEOUT_MS = 10_000;
const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 2000;
const replyCheck = Compile(IntakeReply);

/** Whether a reply is about the request itself, so that sending it again is useless. */
const isFinal = (status: number): boolean => status === 400 || status === 413 || status === 415 || status === 422;

/**
 * Sends events to the intake of a hall server: signed, one request at a time (so order is kept), whatever waits in one
 * batch. What the server has not answered for is sent again, after Retry-After or a growing pause: at least once.
 * Every attempt is a new signed message, since a signed message is accepted once; the event id makes the effect single.
 */
export function createSender(options: SenderOptions): Sender {
  const { clock, hall } = options;
  const poster = createPoster(options.baseUrl);
  const maxBatch = options.maxBatch ?? 200;
  const stopping = new AbortController();
  const queue: Item[] = [];
  let limit = maxBatch;
  let attempt = 0;
  let online: boolean | undefined;
  let running: Promise<void> | undefined;
  let waiters: (() => void)[] = [];

  function connected(now: boolean, why: string): void {
    if (online === now) return;
    online = now;
    options.connected?.(now, why);
  }

  async function post(path: string, type: string, body: string): Promise<PostReply> {
    attempt += 1;
    const atMs = clock.wall.nowMs();
    const id = `msg_${atMs.toString(36)}_${attempt.toString(36)}`;
    const headers = { 'content-type': type, ...signWebhook(options.secret, id, atMs, body) };
    const giveUp = new AbortController();
    const done = new AbortController();
    const timeout = clock.machine.sleep(REPLY_TIMEOUT_MS, AbortSignal.any([done.signal, stopping.signal])).then(
      () => giveUp.abort(new Error('no reply in time')),
      () => giveUp.abort(new Error('stopped')),
    );
    try {
      return await poster.post(`/api/v1/halls/${hall}/platform/${path}`, headers, body, giveUp.signal);
    } finally {
      done.abort(new Error('answered'));
      await timeout;
    }
  }

  /** The events at the head of the queue that go into one request; a snapshot goes alone. */
  function batch(): PlatformEvent[] {
    const events: PlatformEvent[] = [];
    for (const item of queue) {
      if ('snapshot' in item || events.length === limit) break;
      events.push(item.event);
    }
    return events;
  }

  function settleSnapshot(accepted: boolean): void {
    queue.shift();
    options.snapshotDelivered?.(accepted);
  }

  function settle(outcomes: readonly Partial<EventOutcome>[], count: number, refused?: string): void {
    const acceptedMs = clock.machine.nowMs();
    for (let at = 0; at < count; at += 1) {
      const item = queue.shift();
      if (!item || 'snapshot' in item) continue;
      const { outcome, flag, code = refused } = outcomes.find(({ index }) => index === at) ?? {};
      options.delivered?.({
        event: item.event,
        sentMs: item.sentMs ?? acceptedMs,
        acceptedMs,
        attempts: item.attempts,
        outcome: refused === undefined ? (outcome ?? 'accepted') : 'refused',
        ...(flag === undefined ? {} : { flag }),
        ...(code === undefined ? {} : { code }),
      });
    }
  }

  /** One attempt for the head of the queue; answers how long to wait before the next, ms. */
  async function step(failures: number): Promise<{ ok: boolean; waitMs: number }> {
    const pauseMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures);
    const head = queue[0];
    if (!head) return { ok: true, waitMs: 0 };
    let reply: PostReply;
    const events = 'snapshot' in head ? [] : batch();
    try {
      if ('snapshot' in head) {
        reply = await post('snapshot', 'application/json', JSON.stringify(head.snapshot));
      } else {
        markSent(events.length);
        const [only] = events;
        reply =
          events.length === 1 && only
            ? await post('events', 'application/cloudevents+json', JSON.stringify(only))
            : await post('events', 'application/cloudevents-batch+json', JSON.stringify(events));
      }
    } catch (error) {
      connected(false, error instanceof Error ? error.message : 'failed');
      return { ok: false, waitMs: pauseMs };
    }
    if (reply.status >= 200 && reply.status < 300) {
      connected(true, '');
      limit = maxBatch;
      if ('snapshot' in head) settleSnapshot(true);
      else settle(outcomesOf(reply.body), events.length);
      return { ok: true, waitMs: 0 };
    }
    if (reply.status === 413 && events.length > 1) {
      limit = Math.max(1, Math.floor(events.length / 2));
      return { ok: true, waitMs: 0 };
    }
    if (isFinal(reply.status) || (reply.status === 409 && 'snapshot' in head)) {
      if ('snapshot' in head) settleSnapshot(false);
      else settle(outcomesOf(reply.body), events.length, codeIn(reply.body) ?? `HTTP_${reply.status}`);
      return { ok: true, waitMs: 0 };
    }
    connected(false, codeIn(reply.body) ?? `HTTP ${reply.status}`);
    return { ok: false, waitMs: reply.retryAfterS === undefined ? pauseMs : reply.retryAfterS * 1000 };
  }

  function markSent(count: number): void {
    const nowMs = clock.machine.nowMs();
    const fresh: PlatformEvent[] = [];
    for (const item of queue.slice(0, count)) {
      if ('snapshot' in item) continue;
      item.attempts += 1;
      if (item.sentMs !== undefined) continue;
      item.sentMs = nowMs;
      fresh.push(item.event);
    }
    if (fresh.length > 0) options.sending?.(fresh);
  }

  async function run(): Promise<void> {
    let failures = 0;
    while (queue.length > 0 && !stopping.signal.aborted) {
      const { ok, waitMs } = await step(failures);
      failures = ok ? 0 : failures + 1;
      if (waitMs > 0) await clock.machine.sleep(waitMs, stopping.signal).catch(() => {});
    }
    running = undefined;
    if (queue.length === 0) {
      for (const wake of waiters) wake();
      waiters = [];
    }
  }
  function enqueue(item: Item): void {
    queue.push(item);
    // Whatever else happens in this turn goes into the same request.
    running ??= Promise.resolve().then(run);
  }

  return {
    send: (event) => enqueue({ event, attempts: 0 }),
    sendSnapshot: (snapshot) => enqueue({ snapshot }),
    get pending() {
      return queue.length;
    },
    drained: () =>
      queue.length === 0
        ? Promise.resolve()
        : new Promise((resolve) => {
            waiters.push(resolve);
          }),
    async close() {
      stopping.abort(new Error('stopped'));
      await running;
      poster.close();
    },
  };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
function outcomesOf(body: string): readonly EventOutcome[] {
  const reply = parsed(body);
  return replyCheck.Check(reply) ? reply.outcomes : [];
}
function codeIn(body: string): string | undefined {
  const reply = parsed(body);
  return typeof reply === 'object' && reply !== null && 'code' in reply ? String(reply.code) : undefined;
}
