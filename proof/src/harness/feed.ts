/** Events as a platform makes them by hand, signed by a library not ours, and posted. */
import type { Clock, EventOutcome, EventType, PlatformSnapshot } from '@hall/contracts';
import type { PlatformEvent } from '@hall/simulators';
import { Webhook } from 'standardwebhooks';

export interface FeedOptions {
  readonly clock: Clock;
  readonly eventsUrl: () => string;
  readonly secret: string;
  readonly source: string;
}

export interface Reply {
  readonly status: number;
  readonly body: {
    readonly accepted?: number;
    readonly duplicate?: number;
    readonly quarantined?: number;
    readonly outcomes?: readonly EventOutcome[];
    readonly code?: string;
    readonly field?: string;
  };
}

export interface Feed {
  /** The next event of this subject; `more` replaces attributes. */
  event(type: EventType, subject: string, data: Record<string, unknown>, more?: Partial<PlatformEvent>): PlatformEvent;
  /** A ticket nobody has used before is called to the window. */
  called(window: string, ticket: string): PlatformEvent;
  /** Posts one event, or a batch. */
  send(given: PlatformEvent | readonly unknown[]): Promise<Reply>;
  /** Posts any bytes, signed; headers replace those made here. */
  post(body: string | Uint8Array, headers?: Record<string, string>): Promise<Reply>;
  /** Posts the full state of the source. */
  snapshot(state: Omit<PlatformSnapshot, 'source' | 'time'>): Promise<Reply>;
}

export function createFeed({ clock, eventsUrl, secret, source }: FeedOptions): Feed {
  const sequences = new Map<string, number>();
  let made = 0;
  const event: Feed['event'] = (type, subject, data, more = {}) => {
    const sequence = (sequences.get(subject) ?? 0) + 1;
    sequences.set(subject, sequence);
    made += 1;
    return {
      specversion: '1.0',
      id: `made-${made}`,
      source,
      type,
      subject,
      time: new Date(clock.hall.nowMs()).toISOString(),
      sequence: String(sequence),
      datacontenttype: 'application/json',
      data,
      ...more,
    };
  };
  const postTo = async (url: string, body: string | Uint8Array, headers: Record<string, string>): Promise<Reply> => {
    made += 1;
    const bytes = Buffer.from(body);
    const id = `made-message-${made}`;
    const at = new Date(clock.wall.nowMs());
    const signature = new Webhook(secret).sign(id, at, bytes);
    const reply = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/cloudevents+json',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
        'webhook-signature': signature,
        ...headers,
      },
      body: bytes,
    });
    return { status: reply.status, body: (await reply.json()) as Reply['body'] };
  };
  const post: Feed['post'] = (body, headers = {}) => postTo(eventsUrl(), body, headers);
  return {
    event,
    called: (window, ticket) => event('ticket.called', `made-${ticket}`, { ticket, window }),
    send: (given) =>
      Array.isArray(given)
        ? post(JSON.stringify(given), { 'content-type': 'application/cloudevents-batch+json' })
        : post(JSON.stringify(given)),
    post,
    snapshot: (state) => {
      const body = { source, time: new Date(clock.hall.nowMs()).toISOString(), ...state };
      const url = eventsUrl().replace(/events$/, 'snapshot');
      return postTo(url, JSON.stringify(body), { 'content-type': 'application/json' });
    },
  };
}
