/** A network cable to the broker that shows every payload that passes, last wills included. */
import { openTcpLine, type TcpLine, type TcpLineOptions } from '@hall/fault-rig';
import type { SeenMessage } from './messages.ts';
import { createPacketReader, type PayloadPacket } from './mqtt-packets.ts';

export type Cable = TcpLine;

export interface CableOptions extends Pick<TcpLineOptions, 'target'> {
  readonly see: (message: SeenMessage) => void;
}

/** Opens a cable on a free port. An open cable does not keep the process alive. */
export const openCable = ({ target, see }: CableOptions): Promise<Cable> =>
  openTcpLine({
    target,
    watch: () => {
      let client = '';
      const eye = (way: 'in' | 'out') => {
        const read = createPacketReader({ opens: way === 'in' });
        return (bytes: Uint8Array): void => {
          for (const packet of read(bytes)) {
            if (packet.kind === 'connect') {
              ({ client } = packet);
              if (packet.will) see({ ...packet.will, client, way: 'will' });
            } else see({ ...messageOf(packet), client, way });
          }
        };
      };
      return { up: eye('in'), down: eye('out') };
    },
  });

function messageOf(packet: Exclude<PayloadPacket, { kind: 'connect' }>): Pick<SeenMessage, 'topic' | 'payload'> {
  if (packet.kind === 'publish') return packet;
  return packet.kind === 'oversize' ? { topic: packet.topic, payload: 'oversize' } : { topic: '', payload: 'unreadable' };
}
