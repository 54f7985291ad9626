import { blank } from './templates/blank/view.ts';
import { boardIdentify } from './templates/board-identify/view.ts';
import { boardNeutral } from './templates/board-neutral/view.ts';
import { boardSafe } from './templates/board-safe/view.ts';
import { boardTest } from './templates/board-test/view.ts';
import { queueBoard } from './templates/queue-board/view.ts';
import { stripIdentify } from './templates/strip-identify/render.ts';
import { stripNeutral } from './templates/strip-neutral/render.ts';
import { stripTest } from './templates/strip-test/render.ts';
import { windowStrip } from './templates/window-strip/render.ts';
import type { Template } from './template.ts';

/** Every template of this build. */
export const templates: readonly Template[] = [
  windowStrip,
  stripNeutral,
  stripIdentify,
  stripTest,
  queueBoard,
  boardNeutral,
  boardSafe,
  boardIdentify,
  boardTest,
  blank,
];

const byId = new Map(templates.map((template) => [template.id, template]));
/** The template of an id; nothing for one that this build does not have. */
export const templateOf = (id: string): Template | undefined => byId.get(id);
