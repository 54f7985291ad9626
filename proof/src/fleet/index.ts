/** The promises of the area `fleet`, in the order in which they are shown. */
import type { Promised } from '../promise.ts';
import { brokerCard } from './broker-card.ts';
import { agentLoss, changedWhileAway, everyBroker, topicRules } from './brokers.ts';
import { agentPowerCut, faultTests, nemesis } from './faults.ts';
import { islandDay } from './island.ts';
import { mutatedSessions, secureStorm, slowLoris, storm } from './load.ts';
import { longPartitions, lossyNetwork, partitions, slowNetwork } from './network.ts';
import { outboxDrain } from './outbox-drain.ts';

export const fleet: readonly Promised[] = [
  brokerCard,
  topicRules,
  changedWhileAway,
  agentLoss,
  storm,
  secureStorm,
  mutatedSessions,
  slowLoris,
  everyBroker,
  faultTests,
  agentPowerCut,
  partitions,
  longPartitions,
  lossyNetwork,
  slowNetwork,
  islandDay,
  outboxDrain,
  nemesis,
];
