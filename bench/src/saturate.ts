/** Closed-loop load: a number of requests always in flight, made beforehand so that making them costs nothing then. */
import { systemClock } from '@hall/contracts';
import { RawHttp } from './raw-http.ts';

/** Requests in flight at the end are waited for this long. */
const ANSWER_MS = 20_000;
const { machine } = systemClock();

export interface Saturation {
  /** Requests answered per second. */
  readonly perSecond: number;
  readonly answered: number;
  /** Answers that were not 202. */
  readonly refused: number;
}

/** Sends requests over `inFlight` connections until `seconds` have passed or there is none; `request` answers the n-th. */
export async function saturate(
  url: string,
  request: (at: number) => Uint8Array | undefined,
  inFlight: number,
  seconds: number,
): Promise<Saturation> {
  const connections = await Promise.all(Array.from({ length: inFlight }, () => RawHttp.open(url)));
  const startMs = machine.nowMs();
  const endMs = startMs + seconds * 1000;
  let next = 0;
  let answered = 0;
  let refused = 0;
  let lastMs = startMs;
  const drive = async (connection: RawHttp): Promise<void> => {
    for (let bytes = request(next); bytes && machine.nowMs() < endMs; bytes = request(next)) {
      next += 1;
      const { status } = await connection.send(bytes);
      lastMs = machine.nowMs();
      answered += 1;
      if (status !== 202) refused += 1;
    }
  };
  // A request that is never answered must not stop the measurement.
  await Promise.race([Promise.all(connections.map(drive)), machine.sleep(seconds * 1000 + ANSWER_MS)]);
  for (const connection of connections) connection.close();
  return { perSecond: (answered * 1000) / (lastMs - startMs), answered, refused };
}
