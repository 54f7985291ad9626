/** The capability card of `docs/brokers.md`: what each broker was found to do. */
import type { BrokerCard } from '../../proof/src/broker-card/card.ts';
import { groups, type Fact, type Words } from '../../proof/src/broker-card/fact.ts';
import { brokerFacts } from '../../proof/src/broker-card/index.ts';
import { brokerNames, type BrokerName } from '../../proof/src/harness/outside-broker.ts';

const titles: Readonly<Record<BrokerName, string>> = {
  embedded: '内置 embedded',
  mosquitto: 'mosquitto',
  rabbitmq: 'RabbitMQ',
  nats: 'NATS',
};

const said = ({ zh, en }: Words): string => `${zh}<br>${en}`;

/** What a broker did, bold where it lacks something. @throws Error for what is no outcome of the fact. */
function cell(card: BrokerCard, name: BrokerName, { id, outcomes }: Fact): string {
  const outcome = card.brokers[name].outcomes[id];
  if (outcome === undefined) return '尚未测量<br>not measured yet';
  const words = outcomes[outcome];
  if (!words) throw new Error(`broker-card.json: ${outcome} is no outcome of ${id}`);
  return words.lacking ? `**${words.zh}**<br>**${words.en}**` : said(words);
}

function table(card: BrokerCard, facts: readonly Fact[], instead: boolean): string[] {
  const heads = [
    '项目 fact',
    ...brokerNames.map((name) => titles[name]),
    ...(instead ? ['产品的做法 what the product does instead'] : []),
  ];
  const does = ({ instead: words }: Fact, at: number): string => {
    if (!words) return '';
    return facts[at - 1]?.instead === words ? '同上<br>as above' : said(words);
  };
  const rows = facts.map((one, at) => [
    said(one),
    ...brokerNames.map((name) => cell(card, name, one)),
    ...(instead ? [does(one, at)] : []),
  ]);
  return [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
}

/** The versions, what the product asks, and what it does without. */
export function brokerSection(card: BrokerCard | undefined): string {
  if (!card) return '尚未测量 Not measured yet.';
  const asked = brokerFacts.filter(({ asks }) => asks !== undefined);
  const versions = brokerNames.map(
    (name) => `| ${titles[name]} | ${name === 'embedded' ? 'aedes ' : ''}${card.brokers[name].version} |`,
  );
  const without = (Object.keys(groups) as (keyof typeof groups)[]).flatMap((group) => {
    const facts = brokerFacts.filter((one) => one.group === group && one.asks === undefined);
    if (facts.length === 0) return [];
    return [`### ${groups[group].zh} ${groups[group].en}`, '', ...table(card, facts, true), ''];
  });
  return [
    '## 能力卡 Capability card',
    '',
    `由 \`npm run proof -- fleet --only broker-card\` 实测（${card.measuredAt.slice(0, 10)}），\`node scripts/docs.mjs\` 生成，请勿手改；\`npm test\` 逐项重测。`,
    '各代理服务器按产品的主题权限运行；内置的带有大厅服务器的登录检查和报文检查。**粗体**：此代理服务器没有的能力。',
    '',
    'Found out by that command over plain sockets on running brokers, under the topic rules of the product, the embedded one with the sign-in',
    'and the guards of the hall server; written by `node scripts/docs.mjs`, do not edit; `npm test` finds it out again. **Bold**: what this',
    'broker cannot do.',
    '',
    '| 代理服务器 broker | 版本 version |',
    '| --- | --- |',
    ...versions,
    '',
    '## 产品的要求 What the product asks of a broker',
    '',
    '四种代理服务器都必须满足，除此之外不作要求；被禁止的发布和订阅怎样拒绝都可以，产品自己不做权限以外的事。',
    'All of this, and nothing more. How a forbidden publish or subscription is refused does not matter: the product tries none.',
    '',
    ...table(card, asked, false),
    '',
    '## 产品不依赖的能力 What the product does without',
    '',
    ...without,
  ].join('\n');
}
