import type { EventRow } from '@hall/contracts';
import { codeText } from '../api/failure.ts';
import type { Language } from '../i18n/language.tsx';
import type { Dictionary } from '../i18n/zh.ts';
import type { HallNames } from '../live/hall-names.ts';

/** Longer words are digests and codes; they stand in the details. */
const LONGEST_WORD = 32;
const MOST_WORDS = 3;

export interface Reader {
  readonly language: Language;
  readonly words: Dictionary;
  readonly names: HallNames;
}

type Say = (value: unknown, reader: Reader) => string;
/** A number with the words that say what it counts. */
const counted =
  (text: (words: Dictionary) => (n: number) => string): Say =>
  (value, { words }) =>
    typeof value === 'number' ? text(words)(value) : '';
/** Stands in a column of its own, is told with another word, or is an id without a name. */
const nothing: Say = () => '';

/** Fields that do not speak for themselves. */
const sayings: Readonly<Record<string, Say>> = {
  window: nothing,
  staff: nothing,
  from: nothing,
  to: nothing,
  callNumber: (value, { words }) => (typeof value === 'number' && value > 1 ? words.overview.call(value) : ''),
  code: (value, { language }) => codeText(String(value), language).replace(/\.$/, ''),
  by: (value, { words }) => words.by[String(value)] ?? String(value),
  services: (value, { words, names }) =>
    (Array.isArray(value) ? value : []).map((id) => names.word(String(id)) ?? String(id)).join(words.events.and),
  toWindow: (value, { words, names }) => words.overview.windowNumber(names.window(String(value)) ?? String(value)),
  grade: counted((words) => words.events.grade),
  placesBack: counted((words) => words.events.placesBack),
  promisedDays: counted((words) => words.events.promisedDays),
  dropped: counted((words) => words.events.dropped),
  leak: counted((words) => words.events.replaced),
  ver: counted((words) => words.events.edition),
  version: (value, { words }) => words.events.edition(String(value)),
};

function saying(key: string, value: unknown, reader: Reader): string {
  const { words, names } = reader;
  if (Object.hasOwn(sayings, key)) return sayings[key]?.(value, reader) ?? '';
  if (typeof value !== 'string' && typeof value !== 'number') return '';
  const word = String(value);
  if (word.length > LONGEST_WORD || /^\d{12,}$/.test(word)) return '';
  const known: Readonly<Record<string, string>> = { ...words.value, ...words.link, ...words.level, ...words.reason };
  return (Object.hasOwn(known, word) ? known[word] : undefined) ?? names.word(word) ?? word;
}

/** A call by its ticket and window; anything else by its first word alone. */
function called({ type, data }: EventRow, { words, names }: Reader): string | undefined {
  const { ticket, window } = data;
  if (type !== 'ticket.called' && type !== 'ticket.recalled') return undefined;
  if (typeof ticket !== 'string' || typeof window !== 'string') return undefined;
  return words.events.calledTo(ticket, names.window(window) ?? window);
}

/**
 * The words of an event that matter at a glance: the device it is about, then at most three of what it says, all in the
 * language of the reader. Codes, digests and ids stand in the details.
 */
export function gistOf(row: EventRow, reader: Reader): string {
  const call = called(row, reader);
  const said = Object.entries(row.data)
    .filter(([key]) => call === undefined || key !== 'ticket')
    .map(([key, value]) => saying(key, value, reader))
    .filter((word) => word !== '')
    .slice(0, MOST_WORDS);
  return [reader.names.device(row.subject) ?? '', call ?? '', ...said].filter((word) => word !== '').join(' · ');
}
