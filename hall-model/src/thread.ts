/**
 * The known events of one subject (ticket, window, case) in the order its source gave them. Arrival order, repeats and
 * late arrivals make no difference to the state: it is always the fold over the known events by sequence.
 */

export interface Sequenced {
  readonly id: string;
  /** From 1, consecutive per subject. */
  readonly sequence: number;
  /** Source time, Unix ms. */
  readonly time: number;
}

/** What is known before the first event kept; only events that follow it are taken. */
export interface Base<S> {
  readonly state: S;
  /** Events up to and including this sequence are part of `state`. */
  readonly sequence: number;
  /** Events at or before this source time are part of `state`, Unix ms. */
  readonly afterMs: number;
}

/** The next state, or undefined where the event does not fit. `gap`: events between the two are missing. */
export type Rule<S, E> = (state: S, event: E, gap: boolean) => S | undefined;

export type Flag = 'does_not_fit' | 'late' | 'gap';

export interface Inserted {
  /** False for a repeat and for an event that the base already covers: nothing has changed. */
  readonly kept: boolean;
  readonly flag?: Flag;
}

/** The result of folding a whole list of events. */
export interface Folded<S> {
  readonly state: S;
  /** Ids of the events that did not fit and changed nothing. */
  readonly misfits: readonly string[];
}

/** Any source time lies after this. */
export const BEFORE_ALL_MS = Number.MIN_SAFE_INTEGER;

/** A thread keeps between 64 and 128 of its newest events; what is older is part of the base and can no longer be rearranged. */
export const KEPT_EVENTS = 128;

const REPEAT: Inserted = { kept: false };
const COVERED: Inserted = { kept: false, flag: 'late' };
const MISFIT_NOT_KEPT: Inserted = { kept: false, flag: 'does_not_fit' };
const MISFIT: Inserted = { kept: true, flag: 'does_not_fit' };
const LATE: Inserted = { kept: true, flag: 'late' };
const GAP: Inserted = { kept: true, flag: 'gap' };
const FITS: Inserted = { kept: true };

/** Of two different events with one sequence (a fault of the source) the later one counts, whichever arrives first. */
const overrules = (a: Sequenced, b: Sequenced): boolean => a.time > b.time || (a.time === b.time && a.id > b.id);

export class Thread<S, E extends Sequenced> {
  readonly #rule: Rule<S, E>;
  #base: Base<S>;
  #events: E[] = [];
  #state: S;

  constructor(rule: Rule<S, E>, base: Base<S>, events: Iterable<E> = []) {
    this.#rule = rule;
    this.#base = base;
    this.#state = base.state;
    for (const event of events) this.insert(event);
  }

  get state(): S {
    return this.#state;
  }

  get base(): Base<S> {
    return this.#base;
  }

  /** The events after the base, by sequence. */
  get events(): readonly E[] {
    return this.#events;
  }

  /** Highest known sequence. */
  get sequence(): number {
    return this.#events.at(-1)?.sequence ?? this.#base.sequence;
  }

  /** How many events between the base and the highest sequence are missing. */
  get gaps(): number {
    return this.sequence - this.#base.sequence - this.#events.length;
  }

  /** Takes an event wherever it belongs. O(1) for the next one in order, otherwise O(kept events). */
  insert(event: E): Inserted {
    if (event.sequence <= this.#base.sequence || event.time <= this.#base.afterMs) return COVERED;
    const highest = this.sequence;
    if (event.sequence > highest) {
      const gap = event.sequence > highest + 1;
      const next = this.#rule(this.#state, event, gap);
      this.#events.push(event);
      if (next !== undefined) this.#state = next;
      if (this.#events.length > KEPT_EVENTS) this.#compact(KEPT_EVENTS / 2);
      if (next === undefined) return MISFIT;
      return gap ? GAP : FITS;
    }
    let at = this.#events.length - 1;
    while (at >= 0 && (this.#events[at] as E).sequence > event.sequence) at -= 1;
    const same = this.#events[at];
    if (same?.sequence === event.sequence) {
      if (same.id === event.id) return REPEAT;
      if (!overrules(event, same)) return MISFIT_NOT_KEPT;
      this.#events[at] = event;
    } else {
      this.#events.splice(at + 1, 0, event);
    }
    const fits = this.#refold(event);
    if (this.#events.length > KEPT_EVENTS) this.#compact(KEPT_EVENTS / 2);
    return fits ? LATE : MISFIT;
  }

  /** Starts again from another base, keeping the events that follow it. */
  rebase(base: Base<S>): void {
    this.#base = base;
    this.#events = this.#events.filter((event) => event.sequence > base.sequence && event.time > base.afterMs);
    this.#refold();
  }

  /** Folds anew; answers whether `watched` fitted. */
  #refold(watched?: E): boolean {
    let fits = true;
    let state = this.#base.state;
    let sequence = this.#base.sequence;
    for (const event of this.#events) {
      const next = this.#rule(state, event, event.sequence > sequence + 1);
      sequence = event.sequence;
      if (next !== undefined) state = next;
      else if (event === watched) fits = false;
    }
    this.#state = state;
    return fits;
  }

  #compact(keep: number): void {
    const old = this.#events.slice(0, -keep);
    let { state, sequence } = this.#base;
    for (const event of old) {
      state = this.#rule(state, event, event.sequence > sequence + 1) ?? state;
      sequence = event.sequence;
    }
    this.#base = { state, sequence, afterMs: this.#base.afterMs };
    this.#events = this.#events.slice(-keep);
  }
}

/** Folds a list in any order, with any repeats. */
export function foldAll<S, E extends Sequenced>(rule: Rule<S, E>, start: S, events: readonly E[]) {
  const ordered = events.toSorted((a, b) => a.sequence - b.sequence || (overrules(a, b) ? -1 : 1));
  const misfits: string[] = [];
  let state = start;
  let sequence = 0;
  let known = 0;
  let last: E | undefined;
  for (const event of ordered) {
    if (last?.sequence === event.sequence) {
      if (last.id !== event.id && !misfits.includes(event.id)) misfits.push(event.id);
      continue;
    }
    const next = rule(state, event, event.sequence > sequence + 1);
    if (next === undefined) misfits.push(event.id);
    else state = next;
    sequence = event.sequence;
    known += 1;
    last = event;
  }
  return { state, misfits, sequence, gaps: sequence - known };
}
