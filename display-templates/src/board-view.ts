import type { PauseReason, WindowState } from '@hall/contracts';
import type { Bilingual } from './words.ts';

/** A window as one row of a board. A row never carries a ticket unless its live value is believed. */
export interface BoardRow {
  readonly window: string;
  /** As written over the window. */
  readonly number: string;
  readonly area?: string;
  readonly department: Bilingual;
  readonly services: readonly Bilingual[];
  readonly state: WindowState;
  readonly stateWord: Bilingual;
  readonly shape: string;
  readonly ticket?: string;
  readonly callNumber?: number;
  /** Hall time of the newest call, Unix ms. */
  readonly calledAt?: number;
  /** Called or recalled within the last 10 s of hall time: the page flashes it (at most 3 per second, 3 times) and chimes. */
  readonly freshCall: boolean;
  readonly reason?: PauseReason;
  readonly reasonWord?: Bilingual;
  /** HH:MM in the hall zone, only while still to come. */
  readonly expectedReturn?: string;
}

/** One call for the list of recent calls. */
export interface BoardCall {
  readonly window: string;
  readonly number: string;
  readonly ticket: string;
  readonly callNumber: number;
  readonly calledAt: number;
  readonly freshCall: boolean;
}

export interface BoardQueue {
  readonly service: string;
  readonly name: Bilingual;
  readonly waiting: number;
  readonly next: readonly string[];
}

/** Opening hours of one or more weekdays with the same shifts. */
export interface BoardHours {
  readonly days: Bilingual;
  /** `09:00-12:00`, in order; empty on a closed day. */
  readonly shifts: readonly string[];
}

/** What a board page shows, as JSON; the page lays it out and owns nothing but flashing, paging and the running clock. */
export interface BoardView {
  /** `blank`: no layer of the plan may be shown; the page stays dark. `test`: bars in every colour. */
  readonly kind: 'queue' | 'neutral' | 'safe' | 'blank' | 'test';
  readonly title: Bilingual;
  /** HH:MM in the hall zone at the moment of drawing. */
  readonly clock: string;
  /** YYYY-MM-DD in the hall zone. */
  readonly date: string;
  /** By window number. Empty on all but `queue`. */
  readonly rows: readonly BoardRow[];
  /** Newest first, at most 8. */
  readonly recentCalls: readonly BoardCall[];
  readonly queues: readonly BoardQueue[];
  /** The sentence of a neutral or safe board, or of a queue board that shows only part of what it should. */
  readonly notice?: Bilingual;
  /** Only on `safe`. */
  readonly openingHours: readonly BoardHours[];
}
