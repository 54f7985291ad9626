/** A worker for things of which only the newest matters: one runs, at most one waits, older ones are dropped. */
export interface Newest<T> {
  /** Takes the place of whatever waits. */
  give(value: T): void;
  /** Resolves when nothing runs and nothing waits. */
  idle(): Promise<void>;
}

/** `work` never runs twice at once; its failures are its own business and must not reject. */
export function createNewest<T>(work: (value: T) => Promise<void>): Newest<T> {
  let waiting: { value: T } | undefined;
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    while (waiting) {
      const { value } = waiting;
      waiting = undefined;
      await work(value);
    }
    running = undefined;
  }

  return {
    give(value) {
      waiting = { value };
      running ??= run();
    },
    async idle() {
      while (running) await running;
    },
  };
}
