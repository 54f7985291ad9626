import { readFileSync } from 'node:fs';
import {
  alarmHappenings,
  alarmKinds,
  alarmNewsKinds,
  caseEvents,
  channelKinds,
  channels,
  commandActs,
  commandOutcomes,
  commandStates,
  circuitStates,
  conditions,
  confirmationLevels,
  deliveryStates,
  eventTypes,
  islandActs,
  islandPhases,
  islandRefusals,
  islandRecords,
  islandVerdicts,
  historyKinds,
  layerClasses,
  linkStates,
  localRecords,
  noticeWhats,
  pauseReasons,
  priorities,
  roles,
  staffNamePolicies,
  topics,
  windowStates,
  workOrderStates,
} from '@hall/contracts';
import { expect, test } from 'vitest';
import { caseStates, caseStateZh } from './case.ts';
import { ticketStates } from './ticket.ts';

const glossary = readFileSync(new URL('../../docs/glossary.md', import.meta.url), 'utf8');
/** Every word in backticks that a Chinese word follows, in a table or in a list. */
const explained = new Map(
  [...glossary.matchAll(/`([a-z_.]+)`\s*\|?\s*(\p{Script=Han}+)/gu)].map(([, word = '', zh = '']) => [word, zh]),
);
const presence = (topics.presence.payload.properties.state.anyOf as ReadonlyArray<{ const: string }>).map((state) => state.const);

test.each([
  ...eventTypes,
  ...windowStates,
  ...pauseReasons,
  ...layerClasses,
  ...confirmationLevels,
  ...linkStates,
  ...presence,
  ...ticketStates,
  ...caseStates,
  ...priorities,
  ...channels,
  ...roles,
  ...staffNamePolicies,
  ...commandActs,
  ...commandStates,
  ...commandOutcomes,
  ...alarmHappenings,
  ...alarmKinds,
  ...islandActs,
  ...islandPhases,
  ...islandRefusals,
  ...islandVerdicts,
  ...Object.keys(islandRecords),
  ...localRecords,
  ...channelKinds,
  ...deliveryStates,
  ...circuitStates,
  ...noticeWhats,
  ...alarmNewsKinds,
  ...conditions,
  ...historyKinds,
  ...workOrderStates,
])('%s has its Chinese word', (word) => {
  expect(explained.get(word)).toMatch(/\p{Script=Han}/u);
});

test('every case event has a name and a row of its own in the table of the case', () => {
  expect(Object.keys(caseEvents).filter((type) => !glossary.includes(`\`${type.slice('case.'.length)}\``))).toEqual([]);
});

test('case states are called as in the product', () => {
  const [, section = ''] = glossary.split('### Case states');
  for (const state of caseStates) expect(section).toContain(`\`${state}\` ${caseStateZh[state]}`);
});
