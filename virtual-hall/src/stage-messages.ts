/** What the stage tells its page, as JSON in server-sent events, and what the page may ask. Types only. */
import type { CounterAct, CounterView } from '@hall/simulators';
import type { Tally, Verdict } from './classify.ts';
import type { ProcessState } from './control.ts';
import type { CallTrace } from './traces.ts';

export interface StageWindow {
  readonly id: string;
  readonly number: string;
  readonly area: string;
  readonly department: string;
  readonly departmentEn: string;
  readonly services: readonly string[];
  readonly strip: string;
}
/** What does not change while the stage runs. */
export interface StageHall {
  readonly zh: string;
  readonly en: string;
  readonly zone: string;
  readonly speed: number;
  readonly windows: readonly StageWindow[];
  readonly services: ReadonlyArray<{ readonly id: string; readonly zh: string; readonly en: string; readonly prefix: string }>;
  readonly boards: ReadonlyArray<{ readonly name: string; readonly url: string }>;
  readonly agents: readonly string[];
  /** Whether processes can be killed from here. */
  readonly killable: boolean;
  readonly consoleUrl?: string;
}

export interface StripView {
  readonly id: string;
  readonly widthPx: number;
  readonly heightPx: number;
  /** Two bits a pixel, row by row, most significant first, base64. */
  readonly picture: string;
  /** What a visitor reads. */
  readonly texts: readonly string[];
  readonly verdict: Verdict;
  readonly unplugged: boolean;
  readonly powered: boolean;
}
/** What the manager's console is told about a strip, as it passes on the wire. */
export interface ToldView {
  readonly device: string;
  readonly text: readonly string[];
  readonly level: string;
  readonly freshness: string;
  readonly link: string;
  /** Unix ms, wall. */
  readonly confirmedAt?: number;
}

export interface StageChanges {
  readonly hallMs: number;
  readonly strips?: readonly StripView[];
  readonly counters?: readonly CounterView[];
  readonly told?: readonly ToldView[];
  readonly traces?: readonly CallTrace[];
  readonly tally?: Tally;
  /** Machine ms since counting began. */
  readonly countedMs?: number;
  readonly processes?: Readonly<Record<string, ProcessState>>;
  readonly cables?: Readonly<Record<string, boolean>>;
  readonly feed?: {
    readonly connected: boolean;
    readonly pending: number;
    readonly accepted: number;
    readonly refused: number;
  };
}

/** POST /api/act */
export type StageAct = CounterAct;
/** POST /api/fault */
export type StageFault =
  | { readonly what: 'unplug' | 'plug'; readonly strip: string }
  | { readonly what: 'unplug' | 'plug'; readonly agent: string }
  | { readonly what: 'power'; readonly strip: string }
  | { readonly what: 'kill'; readonly process: string };
