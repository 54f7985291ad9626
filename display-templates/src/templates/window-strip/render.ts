import type { WindowState } from '@hall/contracts';
import { place } from '../../slot.ts';
import type { Ink } from '../../scene.ts';
import { liveWindow, textParameter, windowChanges, windowOf, type StripTemplate } from '../../template.ts';
import { shownTicket } from '../../window-facts.ts';
import { holds, placeWithin, roomBeside } from './beside.ts';
import { layoutOf, type Content } from './layouts.ts';
import data from './template.json' with { type: 'json' };
import { wordings, type WindowFacts } from './wording.ts';

/** Colour only repeats what word and shape say. */
const stateInks: Readonly<Record<WindowState, Ink>> = {
  open: 'green',
  serving: 'green',
  paused: 'yellow',
  closed: 'red',
  fault: 'red',
  no_data: 'yellow',
};

/** A window and all there is to say about it: number, department, services, staff, state, ticket. */
export const windowStrip: StripTemplate = {
  kind: 'strip',
  ...data,
  changes(input) {
    const window = windowOf(input.content);
    return window === undefined ? [] : windowChanges(input, window);
  },
  render(input, size) {
    const window = windowOf(input.content);
    const live = window === undefined ? undefined : liveWindow(input, window);
    const { tables, hallMs } = input;
    const language = textParameter(input.content, 'language') === 'en' ? 'en' : 'zh';
    const facts: WindowFacts = { window, live, tables, hallMs, language };
    const stateInk = stateInks[live?.state ?? 'no_data'];
    const called = live !== undefined && shownTicket(live) !== undefined;
    const inkOf = (content: Content): Ink => {
      if (content === 'ticket' && called) return 'red';
      return content === 'state' || content === 'ticket' || content === 'brief' ? stateInk : 'yellow';
    };
    const slots = layoutOf(size).map((slot) => ({ slot, said: wordings[slot.content](facts) }));
    // A called number keeps its own distance; the reason of a pause does not, and gives way where the state has no room for it.
    const told = slots.flatMap(({ slot, said }) => (slot.content === 'ticket' && !called ? place(slot, said, stateInk) : []));
    const reason = told.find((item) =>
      slots.every(({ slot, said }) => slot.content !== 'state' || holds(slot, said, roomBeside(slot, item))),
    );
    return slots.flatMap(({ slot, said }) =>
      slot.content === 'ticket' && !called
        ? (reason ?? [])
        : placeWithin(slot, said, inkOf(slot.content), roomBeside(slot, reason)),
    );
  },
};
