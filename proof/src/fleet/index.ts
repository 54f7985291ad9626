/** The promises of the area `fleet`, in the order in which they are shown. */
import type { Promised } from '../promise.ts';
import { agentLoss, changedWhileAway, everyBroker, topicRules } from './brokers.ts';
import { mutatedSessions, storm } from './load.ts';

export const fleet: readonly Promised[] = [topicRules, changedWhileAway, agentLoss, storm, mutatedSessions, everyBroker];
