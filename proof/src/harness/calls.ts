/** Numbers the calls of each window as the model sees them, and notices a strip that goes back to an earlier one. Pure. */

export interface CallsOptions {
  /** The ticket that the model has at a window now. */
  readonly ticketAt: (window: string) => string | undefined;
  /** What is read on a strip now. */
  readonly texts: (strip: string) => readonly string[];
  readonly windowOf: (strip: string) => string;
}

export interface Calls {
  /** The model may have changed; `window` where an event names one. */
  changed(window: string | undefined): void;
  /** The picture of a strip has changed. */
  seen(strip: string): void;
  /** Strip and ticket, each time an earlier call was shown after a later one. */
  readonly steppedBack: readonly string[];
}

export function followCalls({ ticketAt, texts, windowOf }: CallsOptions): Calls {
  const steppedBack: string[] = [];
  /** Places of each ticket in the order of a window's calls; a ticket called again later has several. */
  const places = new Map<string, Map<string, number[]>>();
  const newest = new Map<string, string | undefined>();
  const reached = new Map<string, number>();
  let calls = 0;
  return {
    steppedBack,
    changed(named) {
      for (const window of new Set([...(named === undefined ? [] : [named]), ...places.keys()])) {
        const ticket = ticketAt(window);
        if (ticket === newest.get(window)) continue;
        newest.set(window, ticket);
        if (ticket === undefined) continue;
        calls += 1;
        const own = places.get(window) ?? new Map<string, number[]>();
        places.set(window, own);
        own.set(ticket, [...(own.get(ticket) ?? []), calls]);
      }
    },
    seen(strip) {
      const own = places.get(windowOf(strip));
      const ticket = texts(strip).find((text) => own?.has(text));
      const at = ticket === undefined ? undefined : own?.get(ticket);
      if (!at) return;
      const before = reached.get(strip) ?? 0;
      const place = at.find((each) => each >= before);
      if (place === undefined) steppedBack.push(`${strip} ${ticket}`);
      else reached.set(strip, place);
    },
  };
}
