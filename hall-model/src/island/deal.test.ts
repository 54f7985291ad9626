import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deal, ownerOf, rotaOf, windowsOf, type Rota } from './deal.ts';
import { sampleHall } from '../sample-hall.ts';

const ticket = (n: number) => `A${String(n).padStart(3, '0')}`;
const waiting = Array.from({ length: 30 }, (_, n) => ({ ticket: ticket(n + 1), since: n }));
const rota = (...agents: string[]): Rota => ({ homes: {}, services: { pay: agents } });
const shares = (...rotas: Rota[]) =>
  Object.fromEntries([...deal(rotas, 'pay', waiting, 5)].map(([agent, { tickets }]) => [agent, tickets.length]));

test('turn by turn, and more to an agent with more windows', () => {
  expect(shares(rota('a', 'b'))).toEqual({ a: 15, b: 15 });
  expect(shares(rota('a', 'a', 'b'))).toEqual({ a: 20, b: 10 });
  expect(shares(rota())).toEqual({});
});

test('an agent that goes by an older rota and one that goes by the newest never hold the same ticket', () => {
  const agents = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 5 });
  let dealt = 0;
  fc.assert(
    fc.property(agents, agents, fc.integer({ min: 0, max: 99_999 }), (older, newer, n) => {
      const before = ownerOf([rota(...older)], 'pay', ticket(n));
      const now = ownerOf([rota(...older), rota(...newer)], 'pay', ticket(n));
      if (now !== undefined) dealt += 1;
      return now === undefined || now === before;
    }),
  );
  expect(dealt).toBeGreaterThan(0);
});

describe('a window belongs to the agent of its first strip', () => {
  const strip = (id: string, agent: string, window: string) => ({
    id,
    name: id,
    agent,
    driver: 'onbon-k',
    settings: {},
    screen: { template: 'window-strip', widthPx: 192, heightPx: 32, window },
  });
  test('by device id; one without a strip belongs to nobody', () => {
    const hall = sampleHall;
    const [one, two] = hall.windows;
    if (!one || !two) throw new Error('the sample has two windows');
    const made = rotaOf({ ...hall, devices: [strip('s2', 'b', one.id), strip('s1', 'a', one.id)] });
    expect(made.homes).toEqual({ [one.id]: 'a' });
    expect(windowsOf(made, 'a')).toEqual([one.id]);
    for (const service of one.services) expect(made.services[service]).toEqual(['a']);
  });
});
