import type { Tables, WindowLive } from '@hall/contracts';
import { nextOpening } from '../../opening-hours.ts';
import { pauseWords, stateShapes, stateWords, type Language } from '../../words.ts';
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

/** All services, then fewer of them, then by short name; a long list ends in `等`. */
function servicesOf({ live, tables, language }: WindowFacts): string[] {
  const names = (live?.services ?? []).map((id) => wordingsOf(tables.names.services[id], language)).filter(([full]) => full);
  const separator = language === 'zh' ? '、' : ', ';
  const more = language === 'zh' ? '等' : '…';
  const wordings: string[] = [];
  for (const pick of [0, -1] as const) {
    const words = names.map((name) => name.at(pick) ?? '');
    wordings.push(words.join(separator));
    for (let kept = words.length - 1; kept >= 1; kept -= 1) wordings.push(`${words.slice(0, kept).join(separator)}${more}`);
  }
  return [...new Set(wordings)];
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

/** Shape and word, with what a visitor wants to know next as far as there is room: `▲暂停 约10:40恢复`. */
function stateOf(facts: WindowFacts): string[] {
  const { live, tables, hallMs, language } = facts;
  const state = live?.state ?? 'no_data';
  const shape = stateShapes[state];
  const word = `${shape}${stateWords[state][language]}`;
  if (state === 'paused' && live) {
    const back = expectedReturn(live, tables, hallMs);
    const reason = live.reason && pauseWords[live.reason]?.[language];
    const until =
      back === undefined
        ? []
        : language === 'zh'
          ? [`${word} 约${back}恢复`, `${word} ${back}恢复`, `${word} ${back}`]
          : [`${word}, back ${back}`, `${word} ${back}`];
    return [...until, ...(reason === undefined ? [] : [`${word} ${reason}`]), word];
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
