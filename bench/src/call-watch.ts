/** Which calls have reached their strip. The newest call of a strip stands for all older ones: newest state wins. */

interface Waiting {
  readonly call: number;
  readonly dueMs: number;
}

export class CallWatch {
  readonly #waiting = new Map<number, Waiting[]>();
  /** Of each call, from when it was due until its strip had it or a newer one, ms. */
  readonly latenciesMs: number[] = [];
  /** Calls that a newer one of the same strip stood for. */
  overtaken = 0;
  /** Calls that have not reached their strip. */
  pending = 0;

  /** A call is due at a strip. Calls of a strip are numbered in the order in which they are due. */
  due(strip: number, call: number, dueMs: number): void {
    const list = this.#waiting.get(strip) ?? [];
    if (list.length === 0) this.#waiting.set(strip, list);
    list.push({ call, dueMs });
    this.pending += 1;
  }

  /** The strip has this call. Repeats and calls nobody waits for change nothing. */
  seen(strip: number, call: number, atMs: number): void {
    const list = this.#waiting.get(strip);
    while (list?.[0] && list[0].call <= call) {
      const { call: settled, dueMs } = list.shift() as Waiting;
      this.latenciesMs.push(atMs - dueMs);
      this.pending -= 1;
      if (settled < call) this.overtaken += 1;
    }
  }
}
