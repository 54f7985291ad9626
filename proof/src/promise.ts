/** One promise of the product: what is promised, how it is measured, what came out. */
export interface Outcome {
  readonly pass: boolean;
  /** What was measured, as a sentence with its figures. */
  readonly measured: string;
  readonly figures?: Readonly<Record<string, number | string>>;
}

export interface ProofContext {
  readonly seed: number;
  /** Shorter run of the same promise, for CI. */
  readonly quick: boolean;
  /** Progress for the person who waits. */
  readonly say: (text: string) => void;
}

export interface Promised {
  /** Kebab-case, unique within the area; names the replay command. */
  readonly id: string;
  readonly zh: string;
  readonly en: string;
  /** Left out of `--quick` runs: needs root, the network or much time. */
  readonly long?: boolean;
  readonly run: (context: ProofContext) => Promise<Outcome>;
}
