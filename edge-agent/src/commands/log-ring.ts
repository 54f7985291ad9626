/** The newest log lines of the agent, in memory and bounded, for whoever asks for them. */
import { Writable } from 'node:stream';
import { pino, type DestinationStream, type Logger } from 'pino';

/** Lines and characters kept at most. */
const MOST_LINES = 1000;
const MOST_CHARACTERS = 256 * 1024;
/** Longest line kept; the rest of it is cut. */
const LINE_CHARACTERS = 2000;

/** Names of values that never reach a log line, whatever object they come in. */
const secrets = ['password', 'secret', 'token', 'credential'].flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
/** Secrets that a text could hold in spite of that: a webhook secret, and what stands before the host of an address. */
const readable = /whsec_[\w+/=-]+|(?<=:\/\/)[^\s/@"]+(?=@)/g;

export interface LogRing {
  /** The newest lines, oldest first, at most `lines` and `characters` in all. */
  newest(lines: number, characters: number): string[];
}

/** A log that goes to standard output (or `out`) and is remembered. */
export function createLog(
  level: string,
  out: DestinationStream = pino.destination(1),
): { readonly log: Logger; readonly ring: LogRing } {
  let lines: string[] = [];
  let characters = 0;
  const remember = (line: string) => {
    const kept = line.slice(0, LINE_CHARACTERS).replaceAll(readable, '***');
    lines.push(kept);
    characters += kept.length;
    while (lines.length > MOST_LINES || characters > MOST_CHARACTERS) characters -= lines.shift()?.length ?? 0;
  };
  const memory = new Writable({
    decodeStrings: false,
    write: (chunk: string, _encoding, done) => {
      for (const line of chunk.split('\n')) if (line !== '') remember(line);
      done();
    },
  });
  const log = pino(
    { level, redact: secrets },
    pino.multistream([
      { level: 'trace', stream: out },
      { level: 'trace', stream: memory },
    ]),
  );
  return {
    log,
    ring: {
      newest(most, room) {
        let used = 0;
        const start = lines.findLastIndex((line, at) => {
          used += line.length;
          return used > room || lines.length - at > most;
        });
        return lines.slice(start + 1);
      },
    },
  };
}
