import { boardFrame } from '../../board-frame.ts';
import type { BoardTemplate } from '../../template.ts';
import { neutralText } from '../../words.ts';
import data from './template.json' with { type: 'json' };

/** Shown when live data is too old: the hall's name and 请以窗口叫号为准. */
export const boardNeutral: BoardTemplate = {
  kind: 'board',
  ...data,
  view: (input) => ({ ...boardFrame(input), kind: 'neutral', notice: neutralText }),
};
