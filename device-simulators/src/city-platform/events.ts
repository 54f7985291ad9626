import type { EventType } from '@hall/contracts';

/** A CloudEvents 1.0 event in structured JSON, as the platform sends it. */
export interface PlatformEvent {
  readonly specversion: '1.0';
  /** Unique within the source. */
  readonly id: string;
  readonly source: string;
  readonly type: EventType;
  /** Ticket, window or case; absent on events about neither. */
  readonly subject?: string;
  /** RFC 3339, UTC. */
  readonly time: string;
  /** Decimal, consecutive per subject from 1; absent with the subject. */
  readonly sequence?: string;
  readonly datacontenttype: 'application/json';
  readonly data: Readonly<Record<string, unknown>>;
}

/** An event and the hall time at which the platform sends it, Unix ms. */
export interface TimedEvent {
  readonly atHallMs: number;
  readonly event: PlatformEvent;
}
