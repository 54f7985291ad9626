import { boardFrame } from '../../board-frame.ts';
import type { BoardTemplate } from '../../template.ts';
import data from './template.json' with { type: 'json' };

/** A dark screen: what a region shows while no layer of its plan may be shown. */
export const blank: BoardTemplate = { kind: 'board', ...data, view: boardFrame };
