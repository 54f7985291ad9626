/** What a person reads while the product sets itself up: one line per step, Chinese first. */
const started = performance.now();
const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

export const say = (line = '') => process.stdout.write(`${line}\n`);
export const elapsed = () => seconds(performance.now() - started);

/** Something that ends the command, with the way out. Printed without a stack. */
export class Stop extends Error {
  /** @param {string} zh what happened @param {string} en the same @param {string[]} wayOut lines that tell what to do */
  constructor(zh, en, wayOut = []) {
    super(`${zh} ${en}`);
    this.wayOut = wayOut;
  }
}

/** Prints why the command ends and leaves with code 1. */
export function giveUp(error) {
  say();
  if (error instanceof Stop) {
    say(`✗ ${error.message}`);
    for (const line of error.wayOut) say(`  ${line}`);
  } else {
    say(`✗ 意外错误 Unexpected error`);
    say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  process.exit(1);
}

/** Runs a step and prints how long it took; a step that answers a string adds it to the line. */
export async function step(zh, en, work) {
  const began = performance.now();
  say(`· ${zh} ${en}`);
  const note = await work();
  say(`  ✓ ${typeof note === 'string' ? `${note}, ` : ''}${seconds(performance.now() - began)}`);
  return note;
}
