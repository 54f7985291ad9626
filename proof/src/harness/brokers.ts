/** Which broker a hall of the tests runs on. */
import { startEmbedded } from './embedded.ts';
import { startMosquitto } from './mosquitto.ts';
import { startNats } from './nats.ts';
import { brokerNames, type BrokerName, type OutsideBroker, type OutsideName } from './outside-broker.ts';
import { startRabbitmq } from './rabbitmq.ts';

/** The variable that makes the whole suite run on one broker. */
export const BROKER_VARIABLE = 'HALL_TEST_BROKER';

/** The broker that the variable names, if it does. @throws Error for a name that no broker has. */
export function chosenBroker(env: Readonly<Record<string, string | undefined>> = process.env): BrokerName | undefined {
  const given = env[BROKER_VARIABLE];
  if (given === undefined || given === '') return undefined;
  const found = brokerNames.find((name) => name === given);
  if (found === undefined) throw new Error(`${BROKER_VARIABLE} is one of ${brokerNames.join(', ')}, not "${given}"`);
  return found;
}

/** Brokers for a test that compares them: these, or the chosen one alone. */
export const brokersFor = (usual: readonly BrokerName[]): readonly BrokerName[] => {
  const chosen = chosenBroker();
  return chosen === undefined ? usual : [chosen];
};

const starters: Readonly<Record<OutsideName, (folder: string, hall: string) => Promise<OutsideBroker>>> = {
  mosquitto: startMosquitto,
  rabbitmq: startRabbitmq,
  nats: startNats,
};

/** Starts a broker by itself, also the embedded one, without its server. Rejects if the program is not installed. */
export const startAlone = (name: BrokerName, folder: string, hall: string): Promise<OutsideBroker> =>
  name === 'embedded' ? startEmbedded(folder, hall) : starters[name](folder, hall);

/** Starts a broker with its data in the folder; `embedded` is none. Rejects if the program is not installed. */
export const startBroker = async (name: BrokerName, folder: string, hall: string): Promise<OutsideBroker | undefined> =>
  name === 'embedded' ? undefined : starters[name](folder, hall);
