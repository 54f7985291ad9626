import type { Tables, WindowLive } from '@hall/contracts';
import { nextOpening } from '../../opening-hours.ts';
import { islandMark, pauseWords, stateShapes, stateWords, type Language } from '../../words.ts';
import { expectedReturn, shownTicket, wordingsOf } from '../../window-facts.ts';
import type { Content } from './layouts.ts';

/** What is known about a window at one moment. Without a believed live value the state is `no_data`. */
export interface WindowFacts {
  readonly window: string | undefined;
  readonly live: WindowLive | undefined;
  readonly tables: Tables;
  readonly hallMs: number;
  readonly language: Language;
}

const joined = (...parts: readonly (string | undefined)[]): string => parts.filter(Boolean).join(' ');

const departmentOf = ({ live, tables, language }: WindowFacts): string[] =>
  live ? wordingsOf(tables.names.departments[live.department], language) : [];

/** All services in full, all by short name, then fewer of them; a list that was cut ends in `等`. */
function servicesOf({ live, tables, language }: WindowFacts): string[] {
  const names = (live?.services ?? []).map((id) => wordingsOf(tables.names.services[id], language)).filter(([full]) => full);
  const [separator, more] = language === 'zh' ? ['、', '等'] : [', ', '…'];
  const full = names.map((name) => name[0] ?? '');
  const short = names.map((name) => name.at(-1) ?? '');
  const first = (words: readonly string[], count: number) => `${words.slice(0, count).join(separator)}${more}`;
  const fewer = names.slice(1).map((_, at) => names.length - 1 - at);
  const wordings = [full.join(separator), short.join(separator)];
  return [...new Set([...wordings, ...fewer.flatMap((count) => [first(full, count), first(short, count)])])];
}

const staffOf = ({ live, tables }: WindowFacts): string =>
  live?.staff === undefined ? '' : (tables.names.staff[live.staff] ?? '');

/** Department, services and staff in one line; the last of them go first when room is short. */
function identityOf(facts: WindowFacts): string[] {
  const departments = departmentOf(facts);
  const short = departments.at(-1);
  const staff = staffOf(facts);
  const services = servicesOf(facts);
  return [
    ...services.map((words) => joined(departments[0], words, staff)),
    ...services.map((words) => joined(short, words, staff)),
    joined(departments[0], staff),
    joined(short, staff),
    ...departments,
  ];
}

/** Said at the end of the state where it fits, while the window's keys call without the server. */
function stateOf(facts: WindowFacts): string[] {
  const words = plainStateOf(facts);
  const mark = islandMark[facts.language];
  return facts.live?.island ? [...words.map((said) => `${said} ${mark}`), ...words] : words;
}

/** Shape and word, with what a visitor wants to know next as far as there is room: `▲暂停 约10:40恢复`, at least `▲暂停10:40`. */
function plainStateOf(facts: WindowFacts): string[] {
  const { live, tables, hallMs, language } = facts;
  const state = live?.state ?? 'no_data';
  const shape = stateShapes[state];
  const word = `${shape}${stateWords[state][language]}`;
  if (state === 'paused' && live) {
    const back = expectedReturn(live, tables, hallMs);
    if (back === undefined) return [word];
    return language === 'zh'
      ? [`${word} 约${back}恢复`, `${word} ${back}恢复`, `${word} ${back}`, `${word}${back}`, word]
      : [`${word}, back ${back}`, `${word} ${back}`, word];
  }
  if (state === 'closed') {
    const opening = nextOpening(tables.calendar, facts.window, hallMs, language);
    return opening === undefined
      ? [word]
      : language === 'zh'
        ? [`${word} ${opening}开`, `${word} ${opening}`, word]
        : [`${word} until ${opening}`, word];
  }
  return [word];
}

/** The called number; while there is none, why the window pauses. */
function ticketOf(facts: WindowFacts): string[] {
  const ticket = facts.live && shownTicket(facts.live);
  if (ticket !== undefined) return [ticket];
  const reason = facts.live?.state === 'paused' && facts.live.reason && pauseWords[facts.live.reason]?.[facts.language];
  return reason ? [reason] : [];
}

function numberOf({ window, tables }: WindowFacts): string {
  return window === undefined ? '' : (tables.names.windows[window]?.number ?? '');
}

/** Everything in four Chinese characters: the called number counts most, then the state. */
function briefOf(facts: WindowFacts): string[] {
  const number = numberOf(facts);
  const state = facts.live?.state ?? 'no_data';
  const shape = stateShapes[state];
  const word = `${shape}${stateWords[state][facts.language]}`;
  const ticket = facts.live && shownTicket(facts.live);
  return ticket === undefined ? [`${number}${word}`, word, shape] : [`${number}${shape}${ticket}`, `${shape}${ticket}`, ticket];
}

/** The wordings of each content, best first; the layout takes the first that fits. */
export const wordings: Readonly<Record<Content, (facts: WindowFacts) => string[]>> = {
  number: (facts) => [numberOf(facts)],
  department: departmentOf,
  services: servicesOf,
  staff: (facts) => [staffOf(facts)],
  identity: identityOf,
  state: stateOf,
  ticket: ticketOf,
  brief: briefOf,
};
