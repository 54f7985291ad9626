/** How messages travel: quality, order, and subscriptions that meet. */
import { filterOf, type TopicName } from '@hall/contracts';
import { publishPacket, releasePacket } from '../harness/light-mqtt.ts';
import { fact, unexpected, type Fact, type Stage } from './fact.ts';

const MESSAGES = 1000;
const order = {
  kept: { zh: '保持', en: 'kept' },
  not_kept: { zh: '不保持', en: 'not kept', lacking: true },
} as const;

/** The server says many things on these topics in turn, as fast as it can; the agent hears each topic. */
async function orderOver(stage: Stage, names: readonly TopicName[]): Promise<keyof typeof order> {
  const [login] = stage.agents;
  const agent = await stage.join(login);
  for (const name of names) await agent.subscribe(stage.address(name, login));
  const server = await stage.server();
  const topics = names.map((name) => stage.address(name, login));
  for (let at = 0; at < MESSAGES; at += 1) {
    server.send(publishPacket(topics[at % topics.length] ?? '', String(at), at + 1, false));
  }
  await agent.hears(() => agent.heard.length >= MESSAGES);
  if (agent.heard.length < MESSAGES) return unexpected(`${agent.heard.length} of ${MESSAGES} came`, names);
  return agent.heard.every(({ payload }, at) => payload.toString() === String(at)) ? 'kept' : 'not_kept';
}

const saying = (text: string) => (message: { readonly payload: Buffer }) => message.payload.toString() === text;

export const delivery: readonly Fact[] = [
  fact({
    id: 'qos-1',
    group: 'delivery',
    zh: 'QoS 1 消息',
    en: 'a message with QoS 1',
    outcomes: {
      delivered: { zh: '确认并送达', en: 'acknowledged and delivered' },
      none: { zh: '未送达', en: 'not delivered', lacking: true },
    },
    asks: ['delivered'],
    run: async (stage) => {
      const [login] = stage.agents;
      const ears = await stage.ears('hello');
      const answer = await (await stage.join(login)).publish(stage.address('hello', login), 'qos 1');
      return typeof answer !== 'string' && (await ears.hears(saying('qos 1'))) ? 'delivered' : 'none';
    },
  }),
  fact({
    id: 'order-in-topic',
    group: 'delivery',
    zh: '同一主题内的顺序（1,000 条 QoS 1 消息）',
    en: 'order within one topic (1,000 messages with QoS 1)',
    outcomes: order,
    asks: ['kept'],
    run: (stage) => orderOver(stage, ['live']),
  }),
  fact({
    id: 'order-between-topics',
    group: 'delivery',
    zh: '不同主题之间的顺序（4 个主题，1,000 条）',
    en: 'order between topics (1,000 messages over four)',
    outcomes: order,
    instead: {
      zh: '先于 welcome 到达的消息，边缘代理先留着，等 welcome 到了再处理',
      en: 'the agent keeps what overtakes its welcome until that has come',
    },
    run: (stage) => orderOver(stage, ['welcome', 'tables', 'live', 'lease']),
  }),
  fact({
    id: 'overlap',
    group: 'delivery',
    zh: '两个订阅都匹配的消息',
    en: 'a message that two subscriptions of one client match',
    outcomes: {
      once: { zh: '送达一次', en: 'delivered once' },
      twice: { zh: '送达两次', en: 'delivered twice', lacking: true },
    },
    instead: {
      zh: '自己的订阅互不重叠；重复的消息不产生第二次效果',
      en: 'no two filters of ours overlap; a message that comes again has no second effect',
    },
    run: async (stage) => {
      const [login] = stage.agents;
      const topic = stage.address('hello', login);
      const ears = await stage.ears('hello');
      await ears.subscribe(topic);
      await (await stage.join(login)).publish(topic, 'overlap');
      if (!(await ears.hears(saying('overlap')))) return unexpected('it did not come', topic);
      const second = () => ears.heard.filter(saying('overlap')).length > 1;
      return (await ears.hears(second, 'quiet')) ? 'twice' : 'once';
    },
  }),
  fact({
    id: 'shared-subscription',
    group: 'delivery',
    zh: '共享订阅（`$share/…`）',
    en: 'a shared subscription (`$share/…`)',
    outcomes: {
      delivered: { zh: '支持', en: 'works' },
      refused: { zh: '拒绝', en: 'refused', lacking: true },
      connection_ended: { zh: '断开连接', en: 'connection ended', lacking: true },
      granted_silent: { zh: '答应，但不送达', en: 'granted, nothing comes', lacking: true },
    },
    instead: { zh: '不使用；每个大厅只有一台服务器', en: 'not used; a hall has one server' },
    run: async (stage) => {
      const [login] = stage.agents;
      const server = await stage.server();
      const codes = await server.subscribe(`$share/group/${filterOf('hello', { hall: stage.hall })}`);
      if (codes === 'ended') return 'connection_ended';
      if (codes === 'silent') return unexpected('no SUBACK', codes);
      if (codes[0] === 0x80) return 'refused';
      await (await stage.join(login)).publish(stage.address('hello', login), 'shared');
      return (await server.hears(saying('shared'), 'quiet')) ? 'delivered' : 'granted_silent';
    },
  }),
  fact({
    id: 'qos-2',
    group: 'delivery',
    zh: 'QoS 2 消息',
    en: 'a message with QoS 2',
    outcomes: {
      delivered: { zh: '四步完成并送达', en: 'completed and delivered' },
      as_qos_1: { zh: '按 QoS 1 确认', en: 'acknowledged as QoS 1', lacking: true },
      connection_ended: { zh: '断开连接', en: 'connection ended', lacking: true },
    },
    instead: {
      zh: '只用 QoS 1；记录和命令都有编号，重复的不起作用',
      en: 'QoS 1 only; records and commands have ids, so that a repetition has no effect',
    },
    run: async (stage) => {
      const [login] = stage.agents;
      const ears = await stage.ears('hello');
      const client = await stage.join(login);
      client.send(publishPacket(stage.address('hello', login), 'qos 2', 7, false, 2));
      const answer = await client.answer(['puback', 'pubrec'], 7);
      if (answer === 'ended') return 'connection_ended';
      if (answer === 'silent') return unexpected('no answer to QoS 2', answer);
      if (answer.name === 'puback') return 'as_qos_1';
      client.send(releasePacket(7));
      const completed = await client.answer(['pubcomp'], 7);
      if (typeof completed === 'string') return unexpected('no PUBCOMP', completed);
      return (await ears.hears(saying('qos 2'))) ? 'delivered' : unexpected('it did not come', 'qos 2');
    },
  }),
];
