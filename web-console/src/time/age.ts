import type { Dictionary } from '../i18n/zh.ts';

type AgeWords = Dictionary['age'];

/** How long ago, in words. `ms` is the age; a negative one (clocks differ a little) counts as now. */
export function ageText(ms: number, words: AgeWords): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 2) return words.now;
  if (seconds < 60) return words.seconds(seconds);
  if (seconds < 3600) return words.minutes(Math.floor(seconds / 60));
  if (seconds < 48 * 3600) return words.hours(Math.floor(seconds / 3600));
  return words.days(Math.floor(seconds / 86_400));
}

/** A length of time to wait, rounded up so that the wait is never too short. */
export function spanText(seconds: number, words: AgeWords): string {
  if (seconds < 100) return words.spanSeconds(Math.max(1, Math.ceil(seconds)));
  if (seconds < 5400) return words.spanMinutes(Math.ceil(seconds / 60));
  return words.spanHours(Math.ceil(seconds / 3600));
}

/** Milliseconds for reading: one decimal below 10, none above. */
export const millisText = (ms: number): string => (Math.abs(ms) < 10 ? ms.toFixed(1) : String(Math.round(ms)));
