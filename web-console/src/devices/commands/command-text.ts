import type { BatchView, CommandView } from '@hall/contracts';
import { codeText } from '../../api/failure.ts';
import type { Language } from '@hall/templates';
import type { Dictionary } from '../../i18n/zh.ts';

/** Where a command stands or how it ended, with the reason. */
export function standingText({ state, deadlineAt, end }: CommandView, words: Dictionary, language: Language): string {
  const t = words.commands;
  if (!end) return state === 'created' && deadlineAt === null ? t.waits : t.state[state];
  const more = [end.level && words.level[end.level], end.code && codeText(end.code, language)].filter(Boolean);
  return [t.outcome[end.outcome], ...more].join(' · ');
}

export interface BatchCount {
  readonly all: number;
  readonly done: number;
  readonly underWay: number;
  /** Ended in any other way. */
  readonly notDone: readonly CommandView[];
}

export function countOf({ commands }: Pick<BatchView, 'commands'>): BatchCount {
  const ended = commands.filter(({ state }) => state === 'ended');
  const done = ended.filter(({ end }) => end?.outcome === 'applied');
  return {
    all: commands.length,
    done: done.length,
    underWay: commands.length - ended.length,
    notDone: ended.filter(({ end }) => end?.outcome !== 'applied'),
  };
}
