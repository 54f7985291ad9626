import { boardFrame } from '../../board-frame.ts';
import { weekHours } from '../../opening-hours.ts';
import type { BoardTemplate } from '../../template.ts';
import { neutralText } from '../../words.ts';
import data from './template.json' with { type: 'json' };

/** Shown when data has been too old for long: the neutral sentence with the opening hours, which need no feed to be true. */
export const boardSafe: BoardTemplate = {
  kind: 'board',
  ...data,
  view: (input) => ({
    ...boardFrame(input),
    kind: 'safe',
    notice: neutralText,
    openingHours: weekHours(input.tables.calendar),
  }),
};
