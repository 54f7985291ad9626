import { expect, test } from 'vitest';
import { nodeRedFlows } from './node-red-flows.ts';

const flows = nodeRedFlows({ mqttPort: 1883, devicePorts: [5001, 5002] });
const ids = flows.map(({ id }) => id);

test('every wire of the flows leads to a node, and ids are unique', () => {
  const wired = flows.flatMap(({ wires }) => (wires as string[][] | undefined)?.flat() ?? []);
  expect(wired).toEqual(['answer', 'topic', 'out', 'to0', 'to1']);
  expect(wired.filter((id) => !ids.includes(id))).toEqual([]);
  expect(new Set(ids).size).toBe(ids.length);
});

test('each device has its topic and its port', () => {
  expect(flows.filter(({ type }) => type === 'mqtt in').map(({ topic }) => topic)).toEqual(['strip/0', 'strip/1']);
  expect(flows.filter(({ type }) => type === 'tcp out').map(({ port }) => port)).toEqual([5001, 5002]);
});
