/** What a person types to narrow a search. Pure. */
import { rangeOf, type SearchRequest } from '@hall/contracts';

const MOST = 8;
const parts = (text: string): string[] => text.split(/[,，;；\s]+/).flatMap((part) => (part.trim() === '' ? [] : [part.trim()]));

/** Ranges separated by commas; nothing typed is no limit, and undefined is a mistake. */
export function rangesOf(text: string): SearchRequest['ranges'] | 'none' | undefined {
  const typed = parts(text.replaceAll(/\s*([-–~])\s*/g, '$1'));
  if (typed.length === 0) return 'none';
  const ranges = typed.flatMap((part) => rangeOf(part) ?? []);
  return ranges.length === typed.length && ranges.length <= MOST ? ranges : undefined;
}

/** Ports separated by commas; the same. */
export function portsOf(text: string): SearchRequest['ports'] | 'none' | undefined {
  const typed = parts(text);
  if (typed.length === 0) return 'none';
  const ports = [...new Set(typed.map(Number))];
  const fine = ports.every((port) => Number.isInteger(port) && port >= 1 && port <= 65_535);
  return fine && ports.length <= MOST ? ports : undefined;
}
