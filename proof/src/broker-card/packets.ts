/** Packets at the limit, above it, and such as no client should send. */
import { MAX_PACKET_BYTES } from '@hall/contracts';
import { fact, type Fact, type Stage } from './fact.ts';
import type { Answer } from './raw-client.ts';

const fate = {
  delivered: { zh: '送达', en: 'delivered' },
  dropped: { zh: '丢弃', en: 'dropped' },
  connection_ended: { zh: '断开连接', en: 'connection ended' },
} as const;
const hostile = { ...fate, delivered: { ...fate.delivered, lacking: true } } as const;

/** What becomes of one publish of the agent, of which the server hears the topic. */
async function fateOf(
  stage: Stage,
  name: 'up' | 'reported',
  topic: string | Uint8Array,
  payload: Uint8Array,
): Promise<keyof typeof fate> {
  const ears = await stage.ears(name);
  const answer: Answer = await (await stage.join(stage.agents[0])).publish(topic, payload);
  if (await ears.hears((message) => message.payload.equals(payload), 'quiet')) return 'delivered';
  return answer === 'ended' ? 'connection_ended' : 'dropped';
}

/** A packet whose length (§2.2.3) is so many bytes: topic and packet id have theirs. */
function sized(stage: Stage, bytes: number): Promise<keyof typeof fate> {
  const topic = stage.address('up', stage.agents[0]);
  return fateOf(stage, 'up', topic, Buffer.alloc(bytes - 4 - Buffer.byteLength(topic), 'x'));
}

/** The device of a topic that may be published, with a byte in it that no topic has (§1.5.3). */
function withByte(stage: Stage, byte: number): Promise<keyof typeof fate> {
  const [before = '', after = ''] = stage.address('reported', stage.agents[0], '*').split('*');
  const topic = Buffer.concat([Buffer.from(`${before}d`), Buffer.from([byte]), Buffer.from(after)]);
  return fateOf(stage, 'reported', topic, Buffer.from(`byte ${byte}`));
}

const noSuchTopics = {
  zh: '主题中的名称都与大厅登记的代理和设备核对，未登记的不起作用',
  en: 'names in a topic are held against the agents and devices of the hall; a message about an unknown one has no effect',
} as const;
/** Longer than the packet that its first bytes seem to begin. */
const STRANGE = `GET /${'x'.repeat(500)} HTTP/1.1\r\nhost: hall\r\n\r\n`;
/** A broker that waits for a CONNECT waits less. */
const STRANGER_MS = 30_000;

export const packets: readonly Fact[] = [
  fact({
    id: 'largest-packet',
    group: 'packets',
    zh: `${MAX_PACKET_BYTES / 1024} KiB 的报文`,
    en: `a packet of ${MAX_PACKET_BYTES / 1024} KiB`,
    outcomes: {
      delivered: fate.delivered,
      dropped: { ...fate.dropped, lacking: true },
      connection_ended: { ...fate.connection_ended, lacking: true },
    },
    asks: ['delivered'],
    run: (stage) => sized(stage, MAX_PACKET_BYTES),
  }),
  fact({
    id: 'oversize-packet',
    group: 'packets',
    zh: `${MAX_PACKET_BYTES / 1024 + 64} KiB 的报文（超过上限）`,
    en: `a packet of ${MAX_PACKET_BYTES / 1024 + 64} KiB, above the limit`,
    outcomes: hostile,
    instead: {
      zh: '边缘代理不发送、也不接收更大的消息',
      en: 'an agent neither sends nor takes a larger one',
    },
    slow: true,
    run: (stage) => sized(stage, MAX_PACKET_BYTES + 64 * 1024),
  }),
  fact({
    id: 'topic-not-utf-8',
    group: 'packets',
    zh: '主题不是有效的 UTF-8',
    en: 'a topic that is not UTF-8',
    outcomes: hostile,
    instead: noSuchTopics,
    run: (stage) => withByte(stage, 0xff),
  }),
  fact({
    id: 'topic-with-nul',
    group: 'packets',
    zh: '主题含 NUL 字符',
    en: 'a topic with a NUL',
    outcomes: hostile,
    instead: noSuchTopics,
    run: (stage) => withByte(stage, 0),
  }),
  fact({
    id: 'not-mqtt',
    group: 'packets',
    zh: '不是 MQTT 的连接',
    en: 'a connection that speaks no MQTT',
    outcomes: {
      connection_ended: fate.connection_ended,
      open: { zh: '保持打开', en: 'left open', lacking: true },
    },
    instead: { zh: '端口只对大厅网络开放', en: 'the port is open to the network of the hall alone' },
    slow: true,
    run: async ({ open }) => {
      const stranger = open();
      stranger.send(Buffer.from(STRANGE));
      await stranger.lasts(STRANGER_MS);
      return stranger.isEnded ? 'connection_ended' : 'open';
    },
  }),
];
