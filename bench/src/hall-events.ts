/** Signed platform events as the product's intake takes them: one per request, or many. */
import { signWebhook } from '@hall/simulators';
import { postBytes } from './raw-http.ts';
import { ticketOf } from './tickets.ts';

export const HALL = 'bench';
export const SOURCE = '/city/queue';
/** Monday 2026-11-23 10:20 in the hall's zone: a busy moment, whatever the wall clock says. */
const HALL_START_MS = Date.UTC(2026, 10, 23, 2, 20);
export const hallOffsetMs = HALL_START_MS - Date.now();

export interface PlatformEvent {
  readonly id: string;
  readonly type: string;
  readonly subject?: string;
  readonly sequence?: string;
  readonly data: object;
}

const whole = (event: PlatformEvent): object => ({
  specversion: '1.0',
  source: SOURCE,
  time: new Date(Date.now() + hallOffsetMs).toISOString(),
  ...event,
});

export const eventsUrl = (httpUrl: string): string => `${httpUrl}/api/v1/halls/${HALL}/platform/events`;

/** One event in one signed request, ready for the socket. */
export function eventRequest(url: string, secret: string, event: PlatformEvent): Buffer {
  const body = JSON.stringify(whole(event));
  const headers = { ...signWebhook(secret, event.id, Date.now(), body), 'content-type': 'application/cloudevents+json' };
  return postBytes(url, headers, body);
}

/** Many events in one signed request. */
export function batchRequest(url: string, secret: string, id: string, events: readonly PlatformEvent[]): Buffer {
  const body = JSON.stringify(events.map(whole));
  const headers = { ...signWebhook(secret, id, Date.now(), body), 'content-type': 'application/cloudevents-batch+json' };
  return postBytes(url, headers, body);
}

/** What precedes the number of a call in the id of its event. */
export const CALL_ID = 'call-';

/** A ticket nobody has heard of is called to a window: every call of a benchmark changes a strip. */
export const callEvent = (call: number, window: string): PlatformEvent => ({
  id: `${CALL_ID}${call}`,
  type: 'ticket.called',
  subject: `ticket/${call}`,
  sequence: '1',
  data: { ticket: ticketOf(call), window },
});

export const windowOpened = (window: string): PlatformEvent => ({
  id: `opened-${window}`,
  type: 'window.opened',
  subject: window,
  sequence: '1',
  data: { window },
});
