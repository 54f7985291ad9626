/** What a user tries that its rules forbid. */
import { fact, unexpected, type Fact } from './fact.ts';

export const rules: readonly Fact[] = [
  fact({
    id: 'forbidden-publish',
    group: 'rules',
    zh: '向他人的主题发布',
    en: 'a publish that the rules forbid',
    outcomes: {
      dropped: { zh: '确认后丢弃', en: 'acknowledged and dropped' },
      connection_ended: { zh: '丢弃并断开连接', en: 'dropped, connection ended' },
      heard: { zh: '送达', en: 'delivered', lacking: true },
    },
    asks: ['dropped', 'connection_ended'],
    run: async (stage) => {
      const [thief, victim] = stage.agents;
      const topic = stage.address('hello', victim);
      const ears = await stage.ears('hello');
      const answer = await (await stage.join(thief)).publish(topic, 'forged');
      await (await stage.join(victim)).publish(topic, 'real');
      const real = await ears.hears((message) => message.topic === topic && message.payload.toString() === 'real');
      if (!real) return unexpected('the real message did not come', answer);
      if (await ears.hears((message) => message.payload.toString() === 'forged', 'quiet')) return 'heard';
      return answer === 'ended' ? 'connection_ended' : 'dropped';
    },
  }),
  fact({
    id: 'forbidden-subscription',
    group: 'rules',
    zh: '订阅他人的主题',
    en: 'a subscription that the rules forbid',
    outcomes: {
      refused: { zh: '拒绝（SUBACK 0x80）', en: 'refused (SUBACK 0x80)' },
      granted_silent: { zh: '答应，但不送达', en: 'granted, nothing comes' },
      connection_ended: { zh: '断开连接', en: 'connection ended' },
      heard: { zh: '送达', en: 'delivered', lacking: true },
    },
    asks: ['refused', 'granted_silent', 'connection_ended'],
    run: async (stage) => {
      const [thief, victim] = stage.agents;
      const client = await stage.join(thief);
      const codes = await client.subscribe(stage.address('welcome', victim));
      if (codes === 'ended') return 'connection_ended';
      if (codes === 'silent') return unexpected('no SUBACK', codes);
      const server = await stage.server();
      await server.publish(stage.address('welcome', victim), 'secret');
      if (await client.hears(() => true, 'quiet')) return 'heard';
      return codes[0] === 0x80 ? 'refused' : 'granted_silent';
    },
  }),
  fact({
    id: 'forbidden-will',
    group: 'rules',
    zh: '遗嘱指向他人的主题',
    en: 'a last will on a topic that the rules forbid',
    outcomes: {
      dropped: { zh: '丢弃', en: 'dropped' },
      refused: { zh: '拒绝连接', en: 'CONNECT refused' },
      heard: { zh: '送达', en: 'delivered', lacking: true },
    },
    asks: ['dropped', 'refused'],
    run: async (stage) => {
      const [thief, victim] = stage.agents;
      const ears = await stage.ears('presence');
      const client = stage.open();
      const answer = await client.connect({ ...thief, will: { topic: stage.address('presence', victim), payload: 'forged' } });
      client.drop();
      if (await ears.hears((message) => message.payload.toString() === 'forged', 'quiet')) return 'heard';
      return typeof answer === 'string' || answer[1] !== 0 ? 'refused' : 'dropped';
    },
  }),
  fact({
    id: 'forbidden-retain',
    group: 'rules',
    zh: '不该保留的主题上带保留标志的消息',
    en: 'a retain flag on a topic that is not to be kept',
    outcomes: {
      not_kept: { zh: '不保留', en: 'not kept' },
      kept: { zh: '保留', en: 'kept', lacking: true },
    },
    instead: {
      zh: '边缘代理和服务器丢弃此类主题的保留消息并计数',
      en: 'agents and server drop what comes retained on such a topic, and count it',
    },
    run: async (stage) => {
      const [login] = stage.agents;
      const topic = stage.address('hello', login);
      await (await stage.join(login)).publish(topic, 'kept', true);
      const server = await stage.server();
      await server.subscribe(topic);
      return (await server.hears((message) => message.topic === topic, 'quiet')) ? 'kept' : 'not_kept';
    },
  }),
];
