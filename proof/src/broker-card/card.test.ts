import { expect, test } from 'vitest';
import { brokerNames } from '../harness/outside-broker.ts';
import { lacking, missing, readCard } from './card.ts';
import { brokerFacts } from './index.ts';

test('facts have ids of their own, after which agents can be named', () => {
  const ids = brokerFacts.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.filter((id) => !/^[a-z][a-z0-9-]{0,27}$/.test(id))).toEqual([]);
});

test.each(brokerFacts)('$id: what it asks can come true, or the product does something instead', (fact) => {
  const outcomes = Object.entries(fact.outcomes);
  const lacks = outcomes.filter(([, words]) => words.lacking).map(([outcome]) => outcome);
  expect(lacks.length).toBeLessThan(outcomes.length);
  expect(fact.asks ?? fact.instead).toBeDefined();
  expect(fact.asks?.length).not.toBe(0);
  expect(fact.asks?.filter((outcome) => !(outcome in fact.outcomes)) ?? []).toEqual([]);
});

test.each(brokerNames)(
  'the kept card has an outcome of %s for every fact, and nothing that the product asks is missing',
  async (name) => {
    const column = (await readCard()).brokers[name];
    expect(column.version).toMatch(/^\d+\.\d+\.\d+/);
    expect(Object.keys(column.outcomes)).toEqual(brokerFacts.map(({ id }) => id));
    for (const { id, outcomes } of brokerFacts) expect(Object.keys(outcomes)).toContain(column.outcomes[id]);
    expect(missing(brokerFacts, column)).toEqual([]);
  },
);

test('a broker that does not do what is asked is told from one that lacks what is not', () => {
  const good = Object.fromEntries(brokerFacts.map(({ id, asks, outcomes }) => [id, asks?.[0] ?? Object.keys(outcomes)[0] ?? '']));
  const without = { version: '1.0.0', outcomes: { ...good, 'retained-wildcard': 'none', 'order-in-topic': 'not_kept' } };
  expect(missing(brokerFacts, without).map(({ id }) => id)).toEqual(['order-in-topic']);
  expect(lacking(brokerFacts, without).map(({ id }) => id)).toContain('retained-wildcard');
  expect(missing(brokerFacts, { version: '1.0.0', outcomes: {} }).length).toBeGreaterThan(5);
});
