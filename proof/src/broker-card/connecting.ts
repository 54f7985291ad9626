/** Who is let in, under which name, and how long a connection lasts. */
import { systemClock } from '@hall/contracts';
import { fact, unexpected, type Fact, type Stage } from './fact.ts';
import type { Answer } from './raw-client.ts';

const entry = {
  accepted: { zh: '接受', en: 'accepted' },
  refused: { zh: '拒绝', en: 'refused' },
  connection_ended: { zh: '断开连接', en: 'connection ended' },
} as const;

/** §3.2.2.3: the code is the second byte; so it is in MQTT 5. */
function entryOf(answer: Answer): keyof typeof entry {
  if (answer === 'ended') return 'connection_ended';
  if (answer === 'silent') return unexpected('no answer to CONNECT', answer);
  return answer[1] === 0 ? 'accepted' : 'refused';
}

const admission = {
  refused: { zh: '拒绝', en: 'refused' },
  cannot_hear: { zh: '可连接，订阅即断开', en: 'let in, ended when it subscribes' },
  accepted: { zh: '接受', en: 'accepted', lacking: true },
} as const;
const boundTopics = {
  zh: '主题权限按用户而非客户端标识；同一标识的第二个持有者被识别并隔离',
  en: 'topics are bound to the user, not to the client id; a second holder of an id is told apart and fenced',
} as const;

/** Signs in with a right password under another client id, and subscribes what the user may. */
async function admissionOf(stage: Stage, ...ids: readonly string[]): Promise<keyof typeof admission> {
  const [login] = stage.agents;
  const found = new Set<keyof typeof admission>();
  for (const id of ids) {
    const client = stage.open();
    const answer = await client.connect({ ...login, id, user: login.id });
    if (entryOf(answer) !== 'accepted') found.add('refused');
    else {
      const codes = await client.subscribe(stage.address('welcome', login));
      found.add(codes === 'ended' || codes[0] === 0x80 ? 'cannot_hear' : 'accepted');
    }
    client.drop();
  }
  const [outcome = 'accepted', ...more] = found;
  return more.length === 0 ? outcome : unexpected('not the same for all ids', [...found]);
}

const KEEP_ALIVE_S = 2;
/** Brokers that look only every few seconds must not be met just before they look: several clients, begun so far apart. */
const SILENT = 4;
const APART_MS = 1000;
const { machine } = systemClock();
/** Twice the keep-alive and a second: within this the product itself notices. */
const SOON_MS = (2 * KEEP_ALIVE_S + 1) * 1000;
const LONGEST_MS = 20_000;

export const connecting: readonly Fact[] = [
  fact({
    id: 'connect-3-1-1',
    group: 'connecting',
    zh: 'MQTT 3.1.1 连接',
    en: 'a CONNECT of MQTT 3.1.1',
    outcomes: entry,
    asks: ['accepted'],
    run: async ({ open, agents: [login] }) => entryOf(await open().connect(login)),
  }),
  fact({
    id: 'clean-session',
    group: 'connecting',
    zh: '清除会话（clean session）重新连接',
    en: 'a return with a clean session',
    outcomes: {
      fresh: { zh: '从零开始', en: 'begins anew' },
      left_over: { zh: '残留旧订阅或旧消息', en: 'something of the former one is left', lacking: true },
    },
    asks: ['fresh'],
    run: async (stage) => {
      const [login] = stage.agents;
      const topic = stage.address('welcome', login);
      const first = await stage.join(login);
      await first.subscribe(topic);
      await first.leave();
      const server = await stage.server();
      await server.publish(topic, 'while away');
      const second = await stage.join(login);
      await server.publish(topic, 'when back');
      return (await second.hears(() => true, 'quiet')) === undefined ? 'fresh' : 'left_over';
    },
  }),
  fact({
    id: 'wrong-password',
    group: 'connecting',
    zh: '密码错误',
    en: 'a wrong password',
    outcomes: entry,
    asks: ['refused', 'connection_ended'],
    run: async ({ open, agents: [login] }) => entryOf(await open().connect({ ...login, password: 'not-the-password' })),
  }),
  fact({
    id: 'unknown-user',
    group: 'connecting',
    zh: '未知用户',
    en: 'an unknown user',
    outcomes: entry,
    asks: ['refused', 'connection_ended'],
    run: async ({ open, agents: [login] }) => entryOf(await open().connect({ ...login, id: 'nobody-knows' })),
  }),
  fact({
    id: 'takeover',
    group: 'connecting',
    zh: '同一客户端标识再次连接',
    en: 'a second connection under one client id',
    outcomes: {
      first_ended: { zh: '旧连接断开', en: 'the former one is ended' },
      second_refused: { zh: '新连接被拒', en: 'the newcomer is refused', lacking: true },
      both_stay: { zh: '两者并存', en: 'both stay' },
    },
    // Who comes back before its lost connection is seen to be lost must be let in.
    asks: ['first_ended', 'both_stay'],
    run: async (stage) => {
      const [login] = stage.agents;
      const first = await stage.join(login);
      const second = stage.open();
      if (entryOf(await second.connect(login)) !== 'accepted') return 'second_refused';
      await first.lasts(SOON_MS);
      return first.isEnded ? 'first_ended' : 'both_stay';
    },
  }),
  fact({
    id: 'connect-5',
    group: 'connecting',
    zh: 'MQTT 5 连接',
    en: 'a CONNECT of MQTT 5',
    outcomes: {
      accepted: entry.accepted,
      refused: { ...entry.refused, lacking: true },
      connection_ended: { ...entry.connection_ended, lacking: true },
    },
    instead: {
      zh: '只用 3.1.1；有效期、关联号写在消息正文里',
      en: '3.1.1 only; expiry and correlation stand in the message itself',
    },
    run: async ({ open, agents: [login] }) => entryOf(await open().connect({ ...login, version: 5 })),
  }),
  fact({
    id: 'session-held',
    group: 'connecting',
    zh: '持久会话（clean session = 0）离线期间的消息',
    en: 'what was said to a persistent session while it was away',
    outcomes: {
      held: { zh: '保存并补发', en: 'held and delivered' },
      gone: { zh: '丢失', en: 'gone', lacking: true },
    },
    instead: {
      zh: '只用清除会话；每次连接后由 hello 和 welcome 补齐全部状态',
      en: 'clean sessions only; hello and welcome bring all state after every connect',
    },
    run: async (stage) => {
      const [login] = stage.agents;
      const topic = stage.address('welcome', login);
      const first = await stage.join(login, { clean: false });
      await first.subscribe(topic);
      await first.leave();
      await (await stage.server()).publish(topic, 'while away');
      const second = await stage.join(login, { clean: false });
      return (await second.hears(() => true, 'quiet')) === undefined ? 'gone' : 'held';
    },
  }),
  fact({
    id: 'foreign-client-id',
    group: 'connecting',
    zh: '用自己的密码、别人的客户端标识连接',
    en: 'the own password under the client id of somebody else',
    outcomes: admission,
    instead: boundTopics,
    run: (stage) => admissionOf(stage, stage.agents[1].id),
  }),
  fact({
    id: 'empty-client-id',
    group: 'connecting',
    zh: '空客户端标识',
    en: 'an empty client id',
    outcomes: admission,
    instead: boundTopics,
    run: (stage) => admissionOf(stage, ''),
  }),
  fact({
    id: 'wildcard-client-id',
    group: 'connecting',
    zh: '客户端标识为 `+` 或 `#`',
    en: 'a client id that is `+` or `#`',
    outcomes: admission,
    instead: boundTopics,
    run: (stage) => admissionOf(stage, '+', '#'),
  }),
  fact({
    id: 'control-client-id',
    group: 'connecting',
    zh: '客户端标识含控制字符',
    en: 'a client id with a control character',
    outcomes: admission,
    instead: boundTopics,
    run: (stage) => admissionOf(stage, 'agent\u0001', '\u007f'),
  }),
  fact({
    id: 'inherited-client-id',
    group: 'connecting',
    zh: '客户端标识为 `__proto__` 或 `constructor`',
    en: 'a client id that is `__proto__` or `constructor`',
    outcomes: admission,
    instead: boundTopics,
    run: (stage) => admissionOf(stage, '__proto__', 'constructor'),
  }),
  fact({
    id: 'silent-client',
    group: 'connecting',
    zh: '保活 2 秒而无声的客户端（4 个中最慢的）',
    en: 'a client with a keep-alive of 2 s that says nothing (the slowest of four)',
    outcomes: {
      soon: { zh: '两倍保活加一秒内断开', en: 'ended within twice the keep-alive and a second' },
      later: { zh: '更晚断开', en: 'ended later', lacking: true },
      never: { zh: `${LONGEST_MS / 1000} 秒内不断开`, en: `not ended within ${LONGEST_MS / 1000} s`, lacking: true },
    },
    instead: {
      zh: '边缘代理发心跳，由服务器判断失联，在任何代理服务器上都及时',
      en: 'a heartbeat of the agent, judged by the server: a loss is seen in time on every broker',
    },
    slow: true,
    run: async (stage) => {
      const each = Array.from({ length: SILENT }, async (_, at) => {
        await machine.sleep(at * APART_MS);
        const { id } = stage.platform;
        const client = await stage.join(stage.platform, { id: `${id}.${at}`, user: id, keepAliveS: KEEP_ALIVE_S });
        const lastedMs = await client.lasts(LONGEST_MS);
        return client.isEnded ? lastedMs : Number.POSITIVE_INFINITY;
      });
      const slowestMs = Math.max(...(await Promise.all(each)));
      if (slowestMs === Number.POSITIVE_INFINITY) return 'never';
      return slowestMs <= SOON_MS ? 'soon' : 'later';
    },
  }),
];
