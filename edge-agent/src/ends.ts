/** What has begun and must end, newest first. */
export interface Ends {
  add(end: () => Promise<void>): void;
  /** Ends everything; a second time there is nothing left. */
  run(): Promise<void>;
  /** The part once it has started; if it cannot, everything ends and its error is thrown. */
  unless<T>(starting: Promise<T>): Promise<T>;
}

export function createEnds(): Ends {
  const ends: (() => Promise<void>)[] = [];
  async function run(): Promise<void> {
    for (let end = ends.pop(); end; end = ends.pop()) await end();
  }
  return {
    add: (end) => void ends.push(end),
    run,
    unless: (starting) =>
      starting.catch(async (error: unknown) => {
        await run();
        throw error;
      }),
  };
}
