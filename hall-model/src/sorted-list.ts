/** A list that is always in order. `compare` is a total order: 0 only for one and the same item. */
export class SortedList<T> {
  readonly #compare: (a: T, b: T) => number;
  readonly #items: T[] = [];

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#items.length;
  }

  get last(): T | undefined {
    return this.#items.at(-1);
  }

  /** The first `count` items. */
  first(count: number): T[] {
    return this.#items.slice(0, count);
  }

  add(item: T): void {
    const newest = this.#items.at(-1);
    if (newest === undefined || this.#compare(newest, item) < 0) this.#items.push(item);
    else this.#items.splice(this.#position(item), 0, item);
  }

  delete(item: T): void {
    const at = this.#position(item);
    if (this.#items[at] === item) this.#items.splice(at, 1);
  }

  /** Index of the first item that does not sort before the given one. */
  #position(item: T): number {
    let low = 0;
    let high = this.#items.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#compare(this.#items[middle] as T, item) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
