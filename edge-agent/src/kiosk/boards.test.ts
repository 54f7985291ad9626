import { FakeClock } from '@hall/contracts';
import { expect, test } from 'vitest';
import { orderOf } from '../drivers/fixture.ts';
import { createBoards, type BoardMessage } from './boards.ts';

function setup() {
  const clock = new FakeClock();
  const boards = createBoards(clock);
  const shown: BoardMessage[] = [];
  const rests: number[] = [];
  const join = (paint = true) =>
    boards.join('board-1', {
      show: (message) => {
        shown.push(message);
        if (paint) queueMicrotask(() => boards.painted('board-1', message.hash));
      },
      rest: () => rests.push(1),
    });
  return { clock, boards, shown, rests, join };
}
const { board: view, hash } = orderOf('A001');
const board = { view, hash, maxAgeMs: 30_000 };

test('a screen without a page is offline; with one, a board counts when the page has painted it', async () => {
  const { boards, shown, join } = setup();
  expect(() => boards.open('board-1')).toThrow(expect.objectContaining({ code: 'DEVICE_OFFLINE' }));
  join();
  await boards.open('board-1').paint(board, 1000);
  expect(shown).toEqual([{ ...board, number: 1 }]);
});

test('a page that does not paint in time is a timeout, and one that painted something else has not painted this', async () => {
  const { clock, boards, join } = setup();
  join(false);
  const screen = boards.open('board-1');
  const painted = screen.paint(board, 1000);
  boards.painted('board-1', orderOf('A002').hash);
  await Promise.all([expect(painted).rejects.toMatchObject({ code: 'DEVICE_TIMEOUT' }), clock.advance(1000)]);
});

test('a page that comes later gets the board that is on; the screen ends when the last page leaves', async () => {
  const { boards, shown, join, rests } = setup();
  const leave = join();
  const screen = boards.open('board-1');
  await screen.paint(board, 1000);
  const leaveToo = join();
  expect(shown.length).toBe(2);
  leave();
  leaveToo();
  await expect(screen.closed).resolves.toBeUndefined();
  expect(rests).toEqual([]);
  expect(() => boards.open('board-1')).toThrow(expect.objectContaining({ code: 'DEVICE_OFFLINE' }));
});

test('pages are told when their screen is no longer driven', async () => {
  const { boards, join, rests } = setup();
  join();
  await boards.open('board-1').close();
  expect(rests).toEqual([1]);
});

test('a page that is connected but says nothing for 12 s is frozen', async () => {
  const { clock, boards, join } = setup();
  join();
  const screen = boards.open('board-1');
  await clock.advance(11_000);
  boards.painted('board-1', '');
  await clock.advance(11_000);
  expect(boards.pages('board-1')).toBe(1);
  await clock.advance(1000);
  await expect(screen.closed).resolves.toMatchObject({ code: 'DEVICE_TIMEOUT' });
});
