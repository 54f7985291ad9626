/** What a broker keeps for those who come later. */
import { filterOf } from '@hall/contracts';
import { fact, type Fact, type Stage } from './fact.ts';

const stateByHello = {
  zh: '状态由 hello 和 welcome 补齐，不靠保留消息查询',
  en: 'state comes by hello and welcome, not by looking up what is retained',
} as const;

/** The agent's presence is retained with these texts, one after the other. */
async function keep(stage: Stage, ...texts: readonly string[]): Promise<string> {
  const [login] = stage.agents;
  const topic = stage.address('presence', login);
  const agent = await stage.join(login);
  for (const text of texts) await agent.publish(topic, text, true);
  return topic;
}

/** Whether somebody who subscribes it now is given something retained on the topic. */
async function isGiven(stage: Stage, filter: string, topic: string): Promise<boolean> {
  const server = await stage.server();
  await server.subscribe(filter);
  const given = await server.hears((message) => message.retained && message.topic === topic, 'quiet');
  return given !== undefined;
}

export const retained: readonly Fact[] = [
  fact({
    id: 'retained-exact',
    group: 'retained',
    zh: '保留消息：按确切主题订阅',
    en: 'a retained message, for a subscription of the exact topic',
    outcomes: {
      delivered: { zh: '送达', en: 'delivered' },
      none: { zh: '无', en: 'none', lacking: true },
    },
    asks: ['delivered'],
    run: async (stage) => {
      const [login] = stage.agents;
      const topic = stage.address('serverState', login);
      await (await stage.server()).publish(topic, 'online', true);
      const agent = await stage.join(login);
      await agent.subscribe(topic);
      return (await agent.hears((message) => message.retained && message.topic === topic)) ? 'delivered' : 'none';
    },
  }),
  fact({
    id: 'retained-wildcard',
    group: 'retained',
    zh: '保留消息：按通配符订阅',
    en: 'a retained message, for a subscription with a wildcard',
    outcomes: {
      delivered: { zh: '送达', en: 'delivered' },
      none: { zh: '无', en: 'none', lacking: true },
    },
    instead: stateByHello,
    run: async (stage) => {
      const topic = await keep(stage, 'online');
      return (await isGiven(stage, filterOf('presence', { hall: stage.hall }), topic)) ? 'delivered' : 'none';
    },
  }),
  fact({
    id: 'retained-cleared',
    group: 'retained',
    zh: '用空消息清除保留消息',
    en: 'a retained message, after an empty one',
    outcomes: {
      cleared: { zh: '清除', en: 'cleared' },
      still_there: { zh: '仍在', en: 'still there', lacking: true },
    },
    instead: {
      zh: '不清除，只覆盖；旧会话的状态按会话编号识别',
      en: 'nothing is cleared, only said anew; what a former session said is known by its epoch',
    },
    run: async (stage) => {
      const topic = await keep(stage, 'online', '');
      return (await isGiven(stage, topic, topic)) ? 'still_there' : 'cleared';
    },
  }),
  fact({
    id: 'retained-after-kill',
    group: 'retained',
    zh: '保留消息：代理服务器被强杀（SIGKILL）并重启后',
    en: 'a retained message, after SIGKILL of the broker and a start',
    outcomes: {
      kept: { zh: '仍在', en: 'kept' },
      gone: { zh: '丢失', en: 'gone', lacking: true },
    },
    instead: {
      zh: '重新连接后服务器全部重说；保留的内容不作为依据',
      en: 'after a hello the server says everything anew; what is retained is not trusted',
    },
    alone: true,
    run: async (stage) => {
      const topic = await keep(stage, 'online');
      await stage.killAndStart();
      return (await isGiven(stage, topic, topic)) ? 'kept' : 'gone';
    },
  }),
];
