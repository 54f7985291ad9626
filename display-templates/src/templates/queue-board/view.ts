import type { QueueLive, WindowLive } from '@hall/contracts';
import type { BoardCall, BoardQueue, BoardRow, BoardView } from '../../board-view.ts';
import { boardFrame } from '../../board-frame.ts';
import { liveWindow, windowChanges, type BoardTemplate, type TemplateInput } from '../../template.ts';
import { bilingual, expectedReturn, shownTicket } from '../../window-facts.ts';
import { pauseWords, stateShapes, stateWords } from '../../words.ts';
import data from './template.json' with { type: 'json' };

/** How long a call counts as fresh, ms of hall time; a call stays steady for at least 10 s. */
const FRESH_CALL_MS = 10_000;
const RECENT_CALLS = 8;

function rowOf(input: TemplateInput, window: string): BoardRow {
  const { tables, hallMs } = input;
  const named = tables.names.windows[window];
  const live = liveWindow(input, window);
  const state = live?.state ?? 'no_data';
  const row: BoardRow = {
    window,
    number: named?.number ?? window,
    ...(named?.area === undefined ? {} : { area: named.area }),
    department: bilingual(live && tables.names.departments[live.department]),
    services: (live?.services ?? []).map((id) => bilingual(tables.names.services[id])).filter(({ zh }) => zh !== ''),
    state,
    stateWord: stateWords[state],
    shape: stateShapes[state],
    freshCall: false,
  };
  return live ? { ...row, ...callOf(live, hallMs), ...pauseOf(live, input) } : row;
}

function callOf(live: WindowLive, hallMs: number): Partial<BoardRow> {
  const ticket = shownTicket(live);
  if (ticket === undefined) return {};
  const { calledAt, callNumber } = live;
  return {
    ticket,
    ...(callNumber === undefined ? {} : { callNumber }),
    ...(calledAt === undefined ? {} : { calledAt, freshCall: hallMs >= calledAt && hallMs < calledAt + FRESH_CALL_MS }),
  };
}

function pauseOf(live: WindowLive, { tables, hallMs }: TemplateInput): Partial<BoardRow> {
  if (live.state !== 'paused') return {};
  const back = expectedReturn(live, tables, hallMs);
  const word = live.reason && pauseWords[live.reason];
  return {
    ...(live.reason === undefined ? {} : { reason: live.reason }),
    ...(word ? { reasonWord: word } : {}),
    ...(back === undefined ? {} : { expectedReturn: back }),
  };
}

const byNumber = (one: BoardRow, other: BoardRow): number =>
  one.number.localeCompare(other.number, 'en', { numeric: true }) || (one.window < other.window ? -1 : 1);

function recentCallsOf(rows: readonly BoardRow[]): BoardCall[] {
  return rows
    .flatMap(({ window, number, ticket, callNumber = 1, calledAt, freshCall }) =>
      ticket === undefined || calledAt === undefined ? [] : [{ window, number, ticket, callNumber, calledAt, freshCall }],
    )
    .toSorted((one, other) => other.calledAt - one.calledAt || (one.window < other.window ? -1 : 1))
    .slice(0, RECENT_CALLS);
}

const queueOf = ({ service, waiting, next }: QueueLive, { tables }: TemplateInput): BoardQueue => ({
  service,
  name: bilingual(tables.names.services[service]),
  waiting,
  next,
});

const windowsOf = ({ content }: TemplateInput): string[] =>
  content.bindings.filter((key) => key.startsWith('window/')).map((key) => key.slice('window/'.length));

function queueView(input: TemplateInput): BoardView {
  const believed = input.freshness === 'live' || input.freshness === 'static';
  const rows = windowsOf(input)
    .map((window) => rowOf(input, window))
    .toSorted(byNumber);
  const values = believed ? input.content.bindings.map((key) => input.values[key]) : [];
  const queues = values.flatMap((value) => (value?.kind === 'queue' ? [queueOf(value, input)] : []));
  return { ...boardFrame(input), kind: 'queue', rows, recentCalls: recentCallsOf(rows), queues };
}

/** Besides what every window has: the end of a fresh call. */
const changes = (input: TemplateInput): number[] =>
  windowsOf(input).flatMap((window) => {
    const calledAt = liveWindow(input, window)?.calledAt;
    return [...windowChanges(input, window), ...(calledAt === undefined ? [] : [calledAt, calledAt + FRESH_CALL_MS])];
  });

/** All bound windows by number, the newest calls, and the bound queues with who is next. */
export const queueBoard: BoardTemplate = { kind: 'board', ...data, changes, view: queueView };
