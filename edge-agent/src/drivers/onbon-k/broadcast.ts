/** One datagram to every card of a network, and who answers it. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { onbonK as wire } from '@hall/wire';
import type { FinderContext } from '../../discovery/finder.ts';

export interface HeardCard {
  readonly address: string;
  readonly number: number;
  readonly model?: string;
  readonly evidence: readonly string[];
}

/** Datagrams looked at in one search; a network that floods is not listened to for longer. */
const MOST_DATAGRAMS = 4096;

/**
 * Those that answer within the time with a whole frame; garbage is passed over. A network that cannot be asked (no route, no
 * permission) has nobody in it.
 */
export async function askByBroadcast(
  { networks, clock, log }: FinderContext,
  port: number,
  waitMs: number,
  signal: AbortSignal,
): Promise<readonly HeardCard[]> {
  if (networks.length === 0) return [];
  const heard = new Map<string, HeardCard>();
  const over = new AbortController();
  let datagrams = 0;
  const socket = createSocket('udp4');
  socket.on('error', (error) => log.debug({ error }, 'broadcast failed'));
  socket.on('message', (bytes, { address }) => {
    datagrams += 1;
    if (datagrams > MOST_DATAGRAMS) return over.abort();
    for (const item of wire.scan(bytes).found) {
      if (!('frame' in item) || item.frame.destination !== wire.addresses.computer) continue;
      const model = wire.modelOf(item.frame.deviceType);
      heard.set(address, {
        address,
        number: item.frame.source,
        ...(model === undefined ? {} : { model }),
        evidence: [`UDP ${port}, ping to all (FFFE): ${wire.describeFrame(item.frame).en}, screen ${item.frame.source}`],
      });
    }
  });
  try {
    socket.bind(0);
    await once(socket, 'listening');
    socket.setBroadcast(true);
    const ping = wire.encodeFrame(wire.toScreen(wire.addresses.broadcastWithReply, wire.encodeRequest({ kind: 'ping' })));
    for (const { broadcast } of networks) socket.send(ping, port, broadcast, () => {});
    await clock.machine.sleep(waitMs, AbortSignal.any([signal, over.signal])).catch(() => {});
  } catch (error) {
    log.debug({ error }, 'broadcast cannot be sent');
  } finally {
    socket.close();
  }
  return [...heard.values()];
}
