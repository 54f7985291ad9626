/** What is to happen at which hall time; equal times in the order in which they were set. */
export interface Timers {
  set(atHallMs: number, act: () => void): void;
  /** Time of the next one, if any. */
  readonly nextMs: number | undefined;
  /** Takes the next one out, if it is due at `hallMs` or before. */
  due(hallMs: number): { readonly atHallMs: number; readonly act: () => void } | undefined;
}

interface Entry {
  readonly atHallMs: number;
  readonly order: number;
  readonly act: () => void;
}
const before = (a: Entry, b: Entry) => a.atHallMs < b.atHallMs || (a.atHallMs === b.atHallMs && a.order < b.order);

/** A binary heap of timers. */
export function createTimers(): Timers {
  const heap: Entry[] = [];
  let order = 0;

  function swap(a: number, b: number): void {
    const left = heap[a];
    const right = heap[b];
    if (!left || !right) return;
    heap[a] = right;
    heap[b] = left;
  }
  const less = (a: number, b: number): boolean => {
    const left = heap[a];
    const right = heap[b];
    return left !== undefined && right !== undefined && before(left, right);
  };
  function sink(): void {
    for (let at = 0; ;) {
      let smallest = at;
      if (less(2 * at + 1, smallest)) smallest = 2 * at + 1;
      if (less(2 * at + 2, smallest)) smallest = 2 * at + 2;
      if (smallest === at) return;
      swap(at, smallest);
      at = smallest;
    }
  }

  return {
    set(atHallMs, act) {
      heap.push({ atHallMs, order: order++, act });
      for (let at = heap.length - 1; at > 0;) {
        const parent = (at - 1) >> 1;
        if (!less(at, parent)) return;
        swap(at, parent);
        at = parent;
      }
    },
    get nextMs() {
      return heap[0]?.atHallMs;
    },
    due(hallMs) {
      const first = heap[0];
      if (!first || first.atHallMs > hallMs) return undefined;
      const last = heap.pop();
      if (last && heap.length > 0) {
        heap[0] = last;
        sink();
      }
      return first;
    },
  };
}
