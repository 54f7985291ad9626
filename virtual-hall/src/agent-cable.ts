/** The network cable between an agent and the hall server; the stage looks at what passes. */
import { openTcpLine, type TcpLine } from '@hall/fault-rig';
import { createMqttTap, type PassingMessage } from './mqtt-tap.ts';

export interface AgentCableOptions {
  readonly agent: string;
  /** The port agents connect to; 0 takes a free one. */
  readonly port: number;
  /** Where the broker listens. */
  readonly target: { readonly host: string; readonly port: number };
  /** `down`: from the server to the agent. */
  readonly message: (direction: 'up' | 'down', message: PassingMessage) => void;
}

export interface AgentCable extends TcpLine {
  readonly agent: string;
}

/** Rejects with the system's error if the port is taken. */
export async function openAgentCable({ agent, port, target, message }: AgentCableOptions): Promise<AgentCable> {
  const eye = (direction: 'up' | 'down') => {
    const tap = createMqttTap();
    return (bytes: Uint8Array): void => {
      for (const passing of tap(bytes)) message(direction, passing);
    };
  };
  const watch = () => ({ up: eye('up'), down: eye('down') });
  const cable = await openTcpLine({ port, target: () => target, watch });
  return Object.defineProperties({ agent }, Object.getOwnPropertyDescriptors(cable)) as AgentCable;
}
