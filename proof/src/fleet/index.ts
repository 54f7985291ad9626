/** The promises of the area `fleet`, in the order in which they are shown. */
import type { Promised } from '../promise.ts';
import { agentPowerCut, faultTests, nemesis } from './faults.ts';
import { longPartitions, lossyNetwork, partitions, slowNetwork } from './network.ts';
import { outboxDrain } from './outbox-drain.ts';

export const fleet: readonly Promised[] = [
  faultTests,
  agentPowerCut,
  partitions,
  longPartitions,
  lossyNetwork,
  slowNetwork,
  outboxDrain,
  nemesis,
];
