import type { EventRow, Overview } from '@hall/contracts';
import { named, type Language } from '../i18n/language.tsx';
import type { Dictionary } from '../i18n/zh.ts';

/** Longer words are digests and codes; they stand in the details. */
const LONGEST_WORD = 32;

/** Names of services and departments that the overview knows, by id. */
export function namesIn(overview: Overview | undefined, language: Language): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const queue of overview?.queues ?? []) names.set(queue.service, named(queue, language));
  for (const { department } of overview?.windows ?? []) names.set(department.id, named(department, language));
  return names;
}

/** The words of an event that matter at a glance: at most three, closed words and ids in the language of the reader. */
export function gistOf({ data }: EventRow, words: Dictionary, names: ReadonlyMap<string, string>): string {
  const known: Readonly<Record<string, string>> = { ...words.value, ...words.link, ...words.level, ...words.reason };
  return Object.entries(data)
    .filter(([key]) => key !== 'window')
    .flatMap(([, value]) => (typeof value === 'string' || typeof value === 'number' ? [String(value)] : []))
    .filter((word) => word.length <= LONGEST_WORD && !/^\d{12,}$/.test(word))
    .map((word) => (Object.hasOwn(known, word) ? known[word] : undefined) ?? names.get(word) ?? word)
    .slice(0, 3)
    .join(' · ');
}
