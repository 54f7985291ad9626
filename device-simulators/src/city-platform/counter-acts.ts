import type { PauseReason } from '@hall/contracts';

/** A window as a person at the counter sees it. */
export interface CounterView {
  readonly id: string;
  readonly state: 'open' | 'paused' | 'closed' | 'fault';
  readonly ticket?: string;
  readonly phase: 'free' | 'called' | 'serving';
  readonly waiting: number;
  /** A person acts here; the script comes back at this hall time. */
  readonly manualUntilMs?: number;
}

/** What a person at a counter does. `call` ends the present ticket first and opens or resumes the window where needed. */
export type CounterAct =
  | { readonly act: 'take'; readonly service: string }
  | { readonly act: 'call'; readonly window: string; readonly ticket?: string }
  | { readonly act: 'recall'; readonly window: string }
  | { readonly act: 'end'; readonly window: string }
  | { readonly act: 'pause'; readonly window: string; readonly reason: PauseReason; readonly returnAtMs?: number }
  | { readonly act: 'resume'; readonly window: string };

/** `done: false` says why nothing happened. */
export type ActResult =
  | { readonly done: true; readonly ticket?: string }
  | { readonly done: false; readonly why: 'nobody_waits' | 'no_ticket' | 'not_paused' | 'unknown' };
