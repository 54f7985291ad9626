/** Who is at the other end of a connection: asks like a card's owner would, and writes nothing. */
import { onbonK as wire } from '@hall/wire';
import type { FinderContext } from '../../discovery/finder.ts';
import type { Connection } from '../../transports/transport.ts';

/** More than any answer, bytes; what came before it is thrown away. */
const MOST_HEARD = 8192;
/** Every card, then the number a card has that was never given one. */
const firstTries = [wire.addresses.broadcastWithReply, wire.addresses.firstScreen];

/** A card that has said who it is. */
export interface Card {
  readonly number: number;
  readonly model?: string;
  readonly shows?: string;
  readonly evidence: readonly string[];
}

/** Asks over a connection and waits for the first whole answer of a card; whatever else is heard is passed over. */
function createAsker(connection: Connection, { clock }: Pick<FinderContext, 'clock'>, answerMs: number, signal: AbortSignal) {
  let heard: Uint8Array = new Uint8Array();
  let look = () => {};
  connection.onBytes((bytes) => {
    heard = Buffer.concat([heard, bytes]).subarray(-MOST_HEARD);
    look();
  });
  const answerIn = (): wire.Frame | undefined => {
    const { found, rest } = wire.scan(heard);
    heard = rest;
    for (const item of found) {
      if (!('frame' in item) || item.frame.destination !== wire.addresses.computer) continue;
      if (item.frame.source !== wire.addresses.computer) return item.frame;
    }
    return undefined;
  };
  return async (to: number, kind: 'ping' | 'status'): Promise<wire.Frame | undefined> => {
    const answered = new AbortController();
    let answer: wire.Frame | undefined;
    look = () => {
      answer ??= answerIn();
      if (answer) answered.abort();
    };
    await connection.send(wire.encodeFrame(wire.toScreen(to, wire.encodeRequest({ kind }))));
    look();
    void connection.closed.then(() => answered.abort());
    await clock.machine.sleep(answerMs, AbortSignal.any([signal, answered.signal])).catch(() => {});
    return answer;
  };
}

/** Who answers at the other end; undefined for nobody, or nobody who speaks the protocol. Closes the connection. */
export async function meet(
  connection: Connection,
  context: FinderContext,
  answerMs: number,
  signal: AbortSignal,
): Promise<Card | undefined> {
  try {
    const ask = createAsker(connection, context, answerMs, signal);
    for (const to of firstTries) {
      const answer = await ask(to, 'ping');
      if (!answer) continue;
      const asked = to === wire.addresses.broadcastWithReply ? 'ping to all (FFFE)' : `ping to screen ${to}`;
      const evidence = [`${asked}: ${wire.describeFrame(answer).en}, screen ${answer.source}`];
      const status = await ask(answer.source, 'status');
      const reply = status && wire.parseReply(status.data);
      if (status) evidence.push(`status: ${wire.describeFrame(status).en}`);
      const model = wire.modelOf(answer.deviceType);
      return {
        number: answer.source,
        ...(model === undefined ? {} : { model }),
        ...(reply?.kind === 'status' ? { shows: `${reply.status.programme}, ${reply.status.areaCount} dynamic areas` } : {}),
        evidence,
      };
    }
    return undefined;
  } catch {
    // The connection broke: nobody there that could be driven.
    return undefined;
  } finally {
    await connection.close();
  }
}
