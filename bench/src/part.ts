/** What every part of the benchmark gets and gives. */
import type { Figure } from './figures.ts';

export interface PartContext {
  /** Runs whose median counts. */
  readonly runs: number;
  /** Short runs of everything, to see that it works; figures of such a run are not for publication. */
  readonly quick: boolean;
  /** Progress for the person who waits. */
  readonly say: (text: string) => void;
}

export interface Part {
  /** Kebab-case; names the result file and the choice on the command line. */
  readonly name: string;
  readonly title: string;
  readonly measure: (context: PartContext) => Promise<readonly Figure[]>;
}
