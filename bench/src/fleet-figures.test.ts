import { expect, test } from 'vitest';
import { fleetFigures, MOST_PER_MINUTE, perAgent, perMinute, type FleetMeasured, type FleetWeights } from './fleet-figures.ts';

const weights = (fixed: number, each: number, bytes = 10_000): FleetWeights => {
  const at = (size: number) => ({
    residentKb: fixed + each * size,
    heldKb: (fixed + each * size) / 2,
    cpuMsPerS: 1 + (each * size) / 1000,
    upPerMinute: bytes,
    downPerMinute: bytes / 2,
  });
  return { 0: at(0), 100: at(100), 1000: at(1000) };
};
const measured: FleetMeasured = {
  ours: weights(100_000, 50),
  floor: weights(40_000, 40),
  calls: { some: 2, many: 2.2 },
  unsettled: 0,
  lost: 0,
};
const missed = (other: Partial<FleetMeasured>): string[] =>
  fleetFigures({ ...measured, ...other }).flatMap(({ name, met }) => (met === false ? [name] : []));

test('an agent more costs what lies between some and many, whatever a server without agents takes', () => {
  expect(perAgent(weights(100_000, 50), 'residentKb')).toBe(50);
  expect(perAgent(weights(0, 50), 'heldKb')).toBe(25);
  const first = { ...weights(100_000, 50), 0: { ...weights(0, 0)[0], residentKb: 1 } };
  expect(perAgent(first, 'residentKb')).toBe(50);
});

test('bytes are counted by the agent and minute', () => {
  expect(perMinute(3_000_000, 1000, 30_000)).toBe(6000);
  expect(perMinute(0, 0, 30_000)).toBe(0);
  expect(MOST_PER_MINUTE).toBe(24_000);
});

test('all goals are met by a fleet that costs little, and each is missed by what it is about', () => {
  expect(missed({})).toEqual([]);
  expect(missed({ ours: weights(100_000, 90) })).toEqual([
    'an agent more, 100 to 1,000: held by the server',
    "an agent more: held as a multiple of the bare broker's",
    "an agent more: processor time as a multiple of the bare broker's",
  ]);
  expect(missed({ ours: weights(100_000, 50, 24_001) })).toEqual(['an idle agent sends']);
  expect(missed({ ours: weights(100_000, 50, 48_002) })).toEqual(['an idle agent sends', 'an idle agent receives']);
  expect(missed({ calls: { some: 2, many: 3.1 } })).toEqual(['a call with 1,000 agents as a multiple of one with 100']);
  expect(missed({ unsettled: 1 })).toEqual(['agents that did not settle']);
  expect(missed({ lost: 1 })).toEqual(['calls lost, not accepted, never told to their agent, or not confirmed']);
  const busy = (each: FleetWeights) => ({
    0: { ...each[0], cpuMsPerS: 121 },
    100: { ...each[100], cpuMsPerS: 121 },
    1000: { ...each[1000], cpuMsPerS: 121 },
  });
  expect(missed({ ours: busy(measured.ours) })).toEqual(['1000 idle agents: share of one core']);
});
