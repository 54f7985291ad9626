import { keepCard, lacking, missing, type BrokerColumn } from '../broker-card/card.ts';
import { brokerFacts } from '../broker-card/index.ts';
import { brokerColumn } from '../broker-card/run.ts';
import { brokerNames, type BrokerName } from '../harness/outside-broker.ts';
import type { Promised } from '../promise.ts';

/** Must show 1: versions named, what a broker cannot do is named. */
export const brokerCard: Promised = {
  id: 'broker-card',
  zh: '逐项实测四种代理服务器的能力并记录版本：产品所要求的每一项在四种上都成立；缺少的能力列在能力卡上，并写明产品如何不依赖它',
  en: 'What each of the four brokers does is found out fact by fact, with its version: all that the product asks holds on all four; what one lacks is on the capability card, with what the product does instead.',
  run: async ({ say }) => {
    const columns: [BrokerName, BrokerColumn][] = [];
    let pass = true;
    const told: string[] = [];
    const asked = brokerFacts.filter(({ asks }) => asks !== undefined).length;
    for (const name of brokerNames) {
      const column = await brokerColumn(name);
      columns.push([name, column]);
      const broken = missing(brokerFacts, column).map(({ id }) => id);
      const without = lacking(brokerFacts, column).map(({ id }) => id);
      pass &&= broken.length === 0;
      told.push(
        `${name} ${column.version}: ${asked - broken.length} of ${asked} asked hold${broken.length > 0 ? `, not ${broken.join(', ')}` : ''}; lacks ${without.join(', ') || 'nothing'}`,
      );
      say(told.at(-1) ?? '');
    }
    const brokers = Object.fromEntries(columns) as Record<BrokerName, BrokerColumn>;
    await keepCard({ measuredAt: new Date().toISOString(), brokers });
    return { pass, measured: `${brokerFacts.length} facts. ${told.join('. ')}.` };
  },
};
