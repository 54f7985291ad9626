/** The capability card says what the brokers do: every fact of it is found out again on every broker. */
import { brokerColumn, brokerFacts, brokerNames, brokersFor, readCard } from '@hall/proof';
import { expect, test } from 'vitest';

test.concurrent.each(brokersFor(brokerNames))('%s does what its column of the capability card says', async (broker) => {
  const { brokers } = await readCard();
  expect(await brokerColumn(broker, brokerFacts)).toEqual(brokers[broker]);
});
