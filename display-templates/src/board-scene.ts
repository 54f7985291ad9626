import type { BoardQueue, BoardRow, BoardView } from './board-view.ts';
import { inks, type Ink, type Scene, type SceneItem } from './scene.ts';
import { place } from './slot.ts';
import type { Size } from './template.ts';
import { cutToWidth, lineWidthPx } from './text-fit.ts';

const LINE_PX = 40;
/** Least width of a column: 13 characters of 32 px hold `03 ▲暂停 约10:40恢复`. */
const COLUMN_PX = 13 * 32;
const GAP_PX = 8;

const line = (area: number, xPx: number, yPx: number, widthPx: number, align: SceneItem['align']) => ({
  area,
  xPx,
  yPx,
  widthPx,
  heightPx: 32,
  fonts: [32, 16] as const,
  align,
});

function rowWordings({ number, shape, stateWord, ticket, expectedReturn, reasonWord }: BoardRow, digits: number): string[] {
  const state = `${number.padStart(digits)} ${shape}${stateWord.zh}`;
  const more = [ticket, expectedReturn && `约${expectedReturn}恢复`, reasonWord?.zh].filter((words) => words !== undefined);
  return [...more.map((words) => `${state} ${words}`), state];
}

/** How many wait and who is next; the name is cut before the numbers are. */
function queueWordings({ name, waiting, next }: BoardQueue, widthPx: number): string[] {
  const count = ` 等候${waiting}人`;
  const named = (after: string) => `${cutToWidth(name.zh, Math.max(widthPx - lineWidthPx(after, 32), 0), 32)}${after}`;
  return next.length === 0 ? [named(count)] : [named(`${count} 下一位${next[0]}`), named(count)];
}

/** Windows that have room: the ones called last stay when there are too many, in the order of their numbers. */
function rowsWithRoom(rows: readonly BoardRow[], room: number): readonly BoardRow[] {
  if (rows.length <= room) return rows;
  const newest = new Set(
    rows.toSorted((one, other) => (other.calledAt ?? 0) - (one.calledAt ?? 0)).slice(0, Math.max(room - 1, 0)),
  );
  return rows.filter((row) => newest.has(row));
}

const rowInk = ({ state, ticket }: BoardRow): Ink => {
  if (ticket !== undefined) return 'red';
  return state === 'open' || state === 'serving' ? 'green' : 'yellow';
};

/** One line of blocks in each colour; the page paints whole bars. */
const testBars = (widthPx: number, heightPx: number): SceneItem[] =>
  inks
    .slice(0, Math.floor(heightPx / LINE_PX))
    .flatMap((ink, at) => place(line(at, 0, at * LINE_PX + 4, widthPx, 'centre'), ['■'.repeat(Math.floor(widthPx / 32))], ink));

/**
 * A board as placed text: title, then windows in columns, or the sentence and the opening hours. The clock is left out, for
 * it would change the hash every minute without any fact; the page shows it from `BoardView`.
 */
export function boardScene(view: BoardView, { widthPx, heightPx }: Size): Scene {
  if (heightPx < LINE_PX || view.kind === 'blank') return { widthPx, heightPx, items: [] };
  if (view.kind === 'test') return { widthPx, heightPx, items: testBars(widthPx, heightPx) };
  const title = place(line(0, 0, 4, widthPx, 'centre'), [view.title.zh], 'yellow');
  const lines = Math.floor((heightPx - LINE_PX) / LINE_PX);
  const lineAt = (at: number) => (at + 1) * LINE_PX + 4;
  if (view.kind !== 'queue') {
    const hours = view.openingHours.map(({ days, shifts }) => `${days.zh} ${shifts.length === 0 ? '休息' : shifts.join(' ')}`);
    const sentences = [[view.notice?.zh ?? ''], [view.notice?.en ?? ''], ...hours.map((text) => [text])].slice(0, lines);
    const items = sentences.flatMap((words, at) => place(line(at + 1, 0, lineAt(at), widthPx, 'centre'), words, 'yellow'));
    return { widthPx, heightPx, items: [...title, ...items] };
  }
  const columns = Math.max(1, Math.floor((widthPx + GAP_PX) / (COLUMN_PX + GAP_PX)));
  const width = Math.floor((widthPx + GAP_PX) / columns) - GAP_PX;
  const room = columns * lines;
  const rows = rowsWithRoom(view.rows, room);
  const left = view.rows.length - rows.length;
  const digits = Math.max(...rows.map(({ number }) => number.length));
  const texts = rows.map((row) => ({ words: rowWordings(row, digits), ink: rowInk(row) }));
  if (left > 0) texts.push({ words: [`另有${left}个窗口`], ink: 'yellow' });
  texts.push(...view.queues.map((queue) => ({ words: queueWordings(queue, width), ink: 'yellow' as const })));
  const items = texts.slice(0, room).flatMap(({ words, ink }, at) => {
    const xPx = Math.floor(at / lines) * (width + GAP_PX);
    return place(line(at + 1, xPx, lineAt(at % lines), width, 'left'), words, ink);
  });
  return { widthPx, heightPx, items: [...title, ...items] };
}
