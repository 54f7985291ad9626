import { boardFrame } from '../../board-frame.ts';
import type { BoardTemplate } from '../../template.ts';
import data from './template.json' with { type: 'json' };

/** Bars in every colour; the page paints them. */
export const boardTest: BoardTemplate = { kind: 'board', ...data, view: (input) => ({ ...boardFrame(input), kind: 'test' }) };
