/** What a broker says for a client that is gone. */
import { fact, type Fact, type Stage } from './fact.ts';

const heartbeat = {
  zh: '边缘代理发心跳，由服务器判断失联',
  en: 'a heartbeat of the agent, judged by the server',
} as const;
const said = {
  published: { zh: '发布', en: 'published' },
  none: { zh: '不发布', en: 'not published', lacking: true },
} as const;

const WILL = 'lost';
const isWill = ({ payload }: { readonly payload: Buffer }): boolean => payload.toString() === WILL;

/** Somebody who hears what becomes of the agent, and the agent with its will. */
async function withWill(stage: Stage) {
  const [login] = stage.agents;
  const topic = stage.address('presence', login);
  const ears = await stage.server();
  await ears.subscribe(topic);
  const join = () => stage.join(login, { will: { topic, payload: WILL } });
  return { ears, topic, join, agent: await join() };
}

export const wills: readonly Fact[] = [
  fact({
    id: 'will-lost',
    group: 'wills',
    zh: '遗嘱：连接中断',
    en: 'a last will, when the connection is lost',
    outcomes: said,
    asks: ['published'],
    run: async (stage) => {
      const { ears, agent } = await withWill(stage);
      agent.drop();
      return (await ears.hears(isWill)) ? 'published' : 'none';
    },
  }),
  fact({
    id: 'will-takeover',
    group: 'wills',
    zh: '遗嘱：客户端标识被接管',
    en: 'a last will, when the client id is taken over',
    outcomes: said,
    instead: heartbeat,
    run: async (stage) => {
      const { ears, join } = await withWill(stage);
      await join();
      return (await ears.hears(isWill, 'quiet')) ? 'published' : 'none';
    },
  }),
  fact({
    id: 'will-disconnect',
    group: 'wills',
    zh: '遗嘱：正常断开（DISCONNECT）',
    en: 'a last will, when the client says DISCONNECT',
    outcomes: {
      none: { zh: '不发布', en: 'not published' },
      published: { zh: '发布', en: 'published', lacking: true },
    },
    instead: {
      zh: '边缘代理停止前自己说明',
      en: 'an agent that stops says so itself',
    },
    run: async (stage) => {
      const { ears, agent } = await withWill(stage);
      await agent.leave();
      return (await ears.hears(isWill, 'quiet')) ? 'published' : 'none';
    },
  }),
  fact({
    id: 'will-retained',
    group: 'wills',
    zh: '遗嘱：带保留标志',
    en: 'a last will with the retain flag, for who comes later',
    outcomes: {
      kept: { zh: '保留', en: 'kept' },
      not_kept: { zh: '不保留', en: 'not kept', lacking: true },
    },
    instead: heartbeat,
    run: async (stage) => {
      const { ears, topic, agent } = await withWill(stage);
      agent.drop();
      await ears.hears(isWill);
      const later = await stage.server();
      await later.subscribe(topic);
      return (await later.hears((message) => message.retained && isWill(message), 'quiet')) ? 'kept' : 'not_kept';
    },
  }),
];
