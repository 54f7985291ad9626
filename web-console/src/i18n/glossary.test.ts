import {
  alarmHappenings,
  alarmKinds,
  channelKinds,
  channels,
  commandActs,
  commandOutcomes,
  commandStates,
  confidences,
  circuitStates,
  conditions,
  confirmationLevels,
  deliveryStates,
  eventSchemas,
  eventTypes,
  historyKinds,
  linkStates,
  noticeWhats,
  pauseReasons,
  priorities,
  roles,
  searchStates,
  staffNamePolicies,
  traceStates,
  windowStates,
  workOrderStates,
} from '@hall/contracts';
import { neutralText, pauseWords, stateWords } from '@hall/templates';
import { describe, expect, it } from 'vitest';
import { zh } from './zh.ts';

const files = import.meta.glob('../../../docs/glossary.md', { query: '?raw', import: 'default', eager: true });
const glossary = String(Object.values(files)[0]);

/** The rows of the table whose heading begins so: word in code → Chinese word. */
function table(heading: string): Map<string, string> {
  const [, after = ''] = glossary.split(`\n| ${heading}`);
  const [rows = ''] = after.split('\n\n');
  return new Map(
    [...rows.matchAll(/^\| `([a-z_.]+)`\s*\| (\p{Script=Han}+)/gmu)].map(([, word = '', chinese = '']) => [word, chinese]),
  );
}
/** The words of the list that follows a label, up to its full stop. */
function list(label: string | RegExp): Map<string, string> {
  const [, after = ''] = glossary.split(label);
  const [words = ''] = after.split(/\.(?:\s|$)/u);
  return new Map([...words.matchAll(/`([a-z_]+)`\s(\p{Script=Han}+)/gu)].map(([, word = '', chinese = '']) => [word, chinese]));
}
/** Closed words of one field of events. */
const literals = (schema: unknown): string[] =>
  ((schema as { anyOf?: ReadonlyArray<{ const: string }> }).anyOf ?? []).map((literal) => literal.const);
const field = (type: keyof typeof eventSchemas, name: string): string[] =>
  literals((eventSchemas[type].properties as Record<string, unknown>)[name]);

const windows = glossary.slice(glossary.indexOf('\n## Windows'));
const windowWords = new Map(
  [...windows.slice(0, windows.indexOf('\n| pause reason')).matchAll(/^\| `([a-z_]+)`\s*\| (\p{Script=Han}+)/gmu)].map(
    ([, word = '', chinese = '']) => [word, chinese],
  ),
);

type Words = Readonly<Record<string, string | undefined>>;
const sets: ReadonlyArray<[name: string, words: readonly string[], glossary: Map<string, string>, used: Words]> = [
  ['happenings of alarms', alarmHappenings, table('happening'), zh.alarms.what],
  ['objects of alarms', alarmKinds, list('Objects of alarms:'), zh.alarms.kind],
  ['window states of the console', windowStates, windowWords, zh.state],
  [
    'window states on screens',
    windowStates,
    windowWords,
    Object.fromEntries(Object.entries(stateWords).map(([word, { zh: text }]) => [word, text])),
  ],
  ['pause reasons of the console', pauseReasons, table('pause reason'), zh.reason],
  [
    'pause reasons on screens',
    // A reason that would tell visitors nothing has no word there.
    pauseReasons.filter((reason) => reason !== 'other'),
    table('pause reason'),
    Object.fromEntries(Object.entries(pauseWords).map(([word, text]) => [word, text?.zh])),
  ],
  ['phases', ['open', 'lunch', 'tail', 'closed'], list('Phases of the hall:'), zh.phase],
  ['events', eventTypes, table('event '), zh.eventType],
  ['flags', ['does_not_fit', 'late', 'gap'], table('flag '), zh.flag],
  ['confirmation levels', confirmationLevels, table('confirmation level'), zh.level],
  ['link states', linkStates, table('link state'), zh.link],
  ['presence', ['never', 'online', 'stopped', 'lost', 'fenced'], table('presence'), zh.presence],
  ['freshness', ['live', 'stale', 'safe', 'static'], table('freshness'), zh.freshness],
  ['freshness in events', ['live', 'stale', 'safe', 'static'], table('freshness'), zh.value],
  ['priorities', priorities, list('Priorities, first to be called first:'), zh.value],
  ['channels', channels, list('Channels:'), zh.value],
  ['outcomes of a ticket', field('ticket.ended', 'outcome'), list('Outcomes:'), zh.value],
  ['kinds of a case', field('case.received', 'kind'), list('Kinds:'), zh.value],
  ['decisions', field('case.decided', 'decision'), list(/\| `case\.decided`\s*\| 办结\s*\|/), zh.value],
  ['commands', commandActs, table('act '), zh.commands.act],
  ['command states', commandStates, table('command state'), zh.commands.state],
  ['command outcomes', commandOutcomes, table('command outcome'), zh.commands.outcome],
  ['roles', roles, list('Roles:'), zh.role],
  ['states of a search', searchStates, list('Searches:'), zh.discovery.searchState],
  ['states of a trace', traceStates, list('Traces:'), zh.devicePage.traceState],
  ['confidence of a find', confidences, list('Confidence of a find:'), zh.discovery.confidence],
  ['kinds of channels', channelKinds, list('Channel words:'), zh.notices.kinds],
  ['states of deliveries', deliveryStates, list('Delivery words:'), zh.notices.delivery],
  ['reasons of notices', noticeWhats, list('Notice words:'), zh.notices.whats],
  ['states of a circuit', circuitStates, list('Circuit words:'), zh.notices.circuit],
  ['conditions', conditions, table('condition of a screen'), zh.history.condition],
  ['what is kept of a device', historyKinds, list('Kept of a device:'), zh.history.kinds],
  ['states of work orders', workOrderStates, table('work order state'), zh.workOrders.states],
  ['name policies', staffNamePolicies, list(/\| name policy\s*\|/), zh.settings.policy],
];

describe.each(sets)('%s', (_, words, explained, used) => {
  it('are known', () => {
    expect(words.length).toBeGreaterThan(1);
  });
  it.each(words.map((word) => [word]))('%s is called as in the glossary', (word) => {
    expect(explained.get(word)).toMatch(/^\p{Script=Han}+$/u);
    expect(used[word]).toBe(explained.get(word));
  });
});

it('the neutral text is one sentence everywhere', () => {
  expect(glossary).toContain(`${neutralText.zh}: shown instead of a number`);
  expect(zh.settings.liveMaxAgeHelp).toContain(neutralText.zh);
});
