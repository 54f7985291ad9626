/** Work on many things, so many at a time; results come as they are ready. */

/**
 * Results in the order in which they are ready. Nothing new is begun after the signal; what throws ends everything.
 * `most` is how many run at once.
 */
export async function* inParallel<T, R>(
  items: Iterable<T>,
  most: number,
  work: (item: T) => Promise<readonly R[]>,
  signal: AbortSignal,
): AsyncGenerator<R> {
  const waiting = items[Symbol.iterator]();
  const running = new Set<Promise<readonly R[]>>();
  const begin = () => {
    while (running.size < most && !signal.aborted) {
      const next = waiting.next();
      if (next.done) return;
      const job: Promise<readonly R[]> = work(next.value);
      running.add(job);
      job.then(
        () => {},
        () => {},
      );
    }
  };
  begin();
  while (running.size > 0) {
    const [job, results] = await Promise.race([...running].map(async (one) => [one, await one] as const));
    running.delete(job);
    yield* results;
    begin();
  }
}
