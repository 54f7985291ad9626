/** The capability card: what every broker did with every fact, and its version; kept in `proof/results/broker-card.json`. */
import { readFile, writeFile } from 'node:fs/promises';
import type { BrokerName } from '../harness/outside-broker.ts';
import { holds, type Fact } from './fact.ts';

export interface BrokerColumn {
  /** As the broker says it; of the embedded one that of the package under it. */
  readonly version: string;
  /** By id of the fact. */
  readonly outcomes: Readonly<Record<string, string>>;
}

export interface BrokerCard {
  /** Real time, ISO 8601. */
  readonly measuredAt: string;
  readonly brokers: Readonly<Record<BrokerName, BrokerColumn>>;
}

const FILE = new URL('../../results/broker-card.json', import.meta.url);

/** The card of the last run. @throws Error if there was none. */
export const readCard = async (): Promise<BrokerCard> => JSON.parse(await readFile(FILE, 'utf8')) as BrokerCard;

export const keepCard = (card: BrokerCard): Promise<void> => writeFile(FILE, `${JSON.stringify(card, undefined, 2)}\n`);

/** Facts that the product asks of a broker, and that are not so on this one. */
export const missing = (facts: readonly Fact[], { outcomes }: BrokerColumn): readonly Fact[] =>
  facts.filter((fact) => !holds(fact, outcomes[fact.id] ?? ''));

/** Facts that this broker lacks and the product does without. */
export const lacking = (facts: readonly Fact[], { outcomes }: BrokerColumn): readonly Fact[] =>
  facts.filter(({ id, outcomes: words }) => words[outcomes[id] ?? '']?.lacking === true);
