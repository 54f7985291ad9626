/** Raw frames of a device while somebody looks: asked for by a person, bounded, kept in memory only. */
import { randomUUID } from 'node:crypto';
import {
  HallError,
  MAX_TRACE_FRAMES,
  SEARCH_GRACE_MS,
  type Clock,
  type DeviceTraceView,
  type Traced,
  type TraceOrder,
  type TraceRequest,
} from '@hall/contracts';
import type { Writer } from '../../platform/store/writer.ts';
import type { DeviceService } from '../agents/service.ts';
import type { Asker } from '../audit/chain.ts';

const DEFAULT_SECONDS = 20;
const DEFAULT_FRAMES = 200;
const BEGIN_WITHIN_MS = 30_000;
/** Newest traces remembered, of all devices. */
const MOST_TRACES = 32;

export interface DeviceTraceOptions {
  readonly clock: Clock;
  readonly writer: Pick<Writer, 'call'>;
  readonly devices: Pick<DeviceService, 'get'>;
  readonly speaks: (agent: string, epoch: string) => boolean;
  readonly send: (agent: string, device: string, order: TraceOrder) => void;
}

export interface DeviceTraceService {
  /** Starts a trace; it takes the place of the one before. @throws HallError NOT_FOUND, AGENT_OFFLINE. */
  start(device: string, request: TraceRequest, asker: Asker): Promise<DeviceTraceView>;
  /** The newest trace of a device; undefined where nobody has asked for one. */
  newest(device: string): DeviceTraceView | undefined;
  traced(agent: string, device: string, message: Traced): void;
}

type Held = Omit<DeviceTraceView, 'frames'> & {
  readonly frames: DeviceTraceView['frames'];
  readonly agent: string;
  readonly seq: number;
};

export function createDeviceTraces({ clock, writer, devices, speaks, send }: DeviceTraceOptions): DeviceTraceService {
  const traces = new Map<string, Held>();
  const viewOf = ({ agent: _agent, seq: _seq, ...trace }: Held): DeviceTraceView =>
    trace.state === 'running' && clock.wall.nowMs() > trace.endsAt + SEARCH_GRACE_MS
      ? { ...trace, state: 'failed', code: 'SEARCH_SILENT' }
      : trace;
  return {
    async start(device, { seconds = DEFAULT_SECONDS, frames = DEFAULT_FRAMES }, asker) {
      const known = devices.get(device);
      if (!known) throw new HallError('NOT_FOUND', { field: '/id' });
      if (known.agentPresence !== 'online') throw new HallError('AGENT_OFFLINE', { agent: known.agent });
      await writer.call('audit.append', {
        person: asker.by,
        action: 'device.trace',
        object: device,
        outcome: 'done',
        details: { seconds, frames, address: asker.address },
      });
      const now = clock.wall.nowMs();
      const trace: Held = {
        id: randomUUID(),
        device,
        agent: known.agent,
        by: asker.by,
        startedAt: now,
        endsAt: now + seconds * 1000,
        state: 'running',
        code: null,
        seq: 0,
        frames: [],
      };
      traces.delete(device);
      traces.set(device, trace);
      const [oldest] = traces.keys();
      if (traces.size > MOST_TRACES && oldest !== undefined) traces.delete(oldest);
      send(known.agent, device, { id: trace.id, seconds, frames, deadline: now + BEGIN_WITHIN_MS });
      return viewOf(trace);
    },
    newest(device) {
      const trace = traces.get(device);
      return trace && viewOf(trace);
    },
    traced(agent, device, { epoch, id, seq, state, code = null, frames }) {
      const trace = traces.get(device);
      if (trace?.id !== id || trace.agent !== agent || seq <= trace.seq || trace.state !== 'running') return;
      if (!speaks(agent, epoch)) return;
      const room = MAX_TRACE_FRAMES - trace.frames.length;
      traces.set(device, { ...trace, seq, state, code, frames: [...trace.frames, ...frames.slice(0, room)] });
    },
  };
}
