import type { Content, Freshness, LiveValue, Tables, WindowLive } from '@hall/contracts';
import { openingChanges } from './opening-hours.ts';
import type { BoardView } from './board-view.ts';
import type { SceneItem } from './scene.ts';
import type { Bilingual } from './words.ts';

export interface Size {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** Everything a template may look at. Hall time is an argument, so the same input always gives the same scene. */
export interface TemplateInput {
  readonly content: Content;
  readonly freshness: Freshness;
  /** By field key; a field that was never received or is stale is absent. */
  readonly values: Readonly<Record<string, LiveValue>>;
  readonly tables: Tables;
  /** Unix time in ms on the hall's clock. */
  readonly hallMs: number;
}

/** The data half of a template: its `template.json`. */
export interface TemplateData {
  readonly id: string;
  readonly title: Bilingual;
  /** Sizes it was laid out for, the default first. */
  readonly sizes: readonly Size[];
  /** JSON Schema of `content.parameters`. */
  readonly parameters: object;
}

/** The time half: at which hall times (Unix ms, past ones included) the same input is drawn differently. None by default. */
interface TimeDependent {
  readonly changes?: (input: TemplateInput) => readonly number[];
}

/** A strip places text itself: `size` is one of its own sizes. */
export interface StripTemplate extends TemplateData, TimeDependent {
  readonly kind: 'strip';
  readonly render: (input: TemplateInput, size: Size) => readonly SceneItem[];
}

/** A board says what is to be read; the board page and `boardScene` lay it out. */
export interface BoardTemplate extends TemplateData, TimeDependent {
  readonly kind: 'board';
  readonly view: (input: TemplateInput) => BoardView;
}

export type Template = StripTemplate | BoardTemplate;

/** A text parameter, or nothing when it is absent or of another type. */
export function textParameter(content: Content, name: string): string | undefined {
  const value = content.parameters[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The window a strip stands over: parameter `window`, else the first bound `window/{id}`. */
export function windowOf(content: Content): string | undefined {
  const bound = content.bindings.find((key) => key.startsWith('window/'));
  return textParameter(content, 'window') ?? bound?.slice('window/'.length);
}

/** Every hall time at which the words about a window change by themselves, Unix ms, past ones included. */
export function windowChanges(input: TemplateInput, window: string): number[] {
  const live = liveWindow(input, window);
  if (live?.state === 'paused') return live.expectedReturnAt === undefined ? [] : [live.expectedReturnAt];
  return live?.state === 'closed' ? openingChanges(input.tables.calendar, window, input.hallMs) : [];
}

/** The live value of a window, only while it may be believed. */
export function liveWindow(input: TemplateInput, window: string): WindowLive | undefined {
  if (input.freshness === 'stale' || input.freshness === 'safe') return undefined;
  const value = input.values[`window/${window}`];
  return value?.kind === 'window' ? value : undefined;
}
