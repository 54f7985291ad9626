import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  begin,
  fallBack,
  firstState,
  givenUp,
  kept,
  MOST_STARTS,
  pass,
  rollBack,
  starting,
  stateFrom,
  wantedRelease,
  type ApplyRequest,
  type UpdateState,
} from './state.ts';

const hash = (letter: string) => letter.repeat(64);
const wanted = (letter: string): ApplyRequest => ({
  release: hash(letter),
  version: letter,
  newStore: false,
  online: ['strip-1'],
  command: `command-${letter}`,
});

test('a release that passes is current, and the one before stays for the way back', () => {
  const one = pass(starting(begin(firstState('1'), wanted('a'))));
  const two = pass(starting(begin(one, wanted('b'))));
  expect(two).toMatchObject({ current: hash('b'), previous: hash('a'), trial: null, last: { outcome: 'applied', version: 'b' } });
  expect(kept(two)).toEqual([hash('b'), hash('a')]);
});

test('a release that does not pass leaves what was, and is not tried again until another was', () => {
  const one = pass(starting(begin(firstState('1'), wanted('a'))));
  const back = rollBack(starting(begin(one, wanted('b'))), 'silent');
  expect(back).toMatchObject({ current: hash('a'), previous: null, trial: null });
  expect(back.last).toEqual({ release: hash('b'), version: 'b', command: 'command-b', outcome: 'rolled_back', reason: 'silent' });
  expect(() => begin(back, wanted('b'))).toThrow(expect.objectContaining({ code: 'UPDATE_FAILED_BEFORE' }));
  expect(() => begin(back, wanted('a'))).toThrow(expect.objectContaining({ code: 'UPDATE_SAME_VERSION' }));
  const other = rollBack(begin(back, wanted('c')), 'ended');
  expect(begin(other, wanted('b')).trial?.release).toBe(hash('b'));
});

test('a parent that dies in the middle starts the trial once more, and then what was before', () => {
  let state = begin(pass(begin(firstState('1'), wanted('a'))), wanted('b'));
  const started: (string | null)[] = [];
  for (let time = 0; time < 4; time += 1) {
    state = starting(stateFrom(JSON.stringify(state), '1'));
    started.push(wantedRelease(state));
  }
  expect(started).toEqual([hash('b'), hash('b'), hash('a'), hash('a')]);
  expect(state.last).toMatchObject({ outcome: 'rolled_back', reason: 'parent_ended' });
  const givenUpOnce = givenUp(begin(firstState('1'), wanted('a')));
  expect(wantedRelease(starting(givenUpOnce))).toBeNull();
});

test('a file that was spoilt, or lies beside another installed package, counts for nothing', () => {
  const good = JSON.stringify(pass(begin(firstState('1'), wanted('a'))));
  expect(stateFrom(good, '1').current).toBe(hash('a'));
  for (const text of [undefined, '', '{', 'null', '[]', good.slice(0, -1), good.replace('"format":1', '"format":2')]) {
    expect(stateFrom(text, '1')).toEqual(firstState('1'));
  }
  expect(stateFrom(good, '2')).toEqual(firstState('2'));
});

/** What can happen to a parent, in any order; the model knows which releases have ever passed. */
const steps = ['offer', 'start', 'pass', 'fail', 'damage', 'crash'] as const;
const step = fc.record({ what: fc.constantFrom(...steps), release: fc.constantFrom('a', 'b', 'c') });

/** The trial, or the state as it was where the release is refused. */
function offered(state: UpdateState, release: string): UpdateState {
  try {
    return begin(state, wanted(release));
  } catch {
    return state;
  }
}

test('whatever happens in whatever order, there is always something to start: a passed release, the installed one, or one counted trial', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (happened) => {
      let state: UpdateState = firstState('1');
      const passed = new Set<string | null>([null]);
      let startsOfTrial = 0;
      for (const { what, release } of happened) {
        if (what === 'offer') {
          const before = state;
          state = offered(state, release);
          if (state !== before) startsOfTrial = 0;
        }
        if (what === 'start') {
          state = starting(state);
          if (state.trial) startsOfTrial += 1;
        }
        if (what === 'pass' && state.trial && startsOfTrial > 0) {
          passed.add(state.trial.release);
          state = pass(state);
        }
        if (what === 'fail') state = rollBack(state, 'not_healthy');
        if (what === 'damage') state = fallBack(state);
        if (what === 'crash') state = stateFrom(JSON.stringify(state), '1');
        expect(startsOfTrial).toBeLessThanOrEqual(MOST_STARTS);
        expect(passed).toContain(state.current);
        expect(passed).toContain(state.previous);
        expect(state.trial ? wantedRelease(state) === state.trial.release : passed.has(wantedRelease(state))).toBe(true);
      }
      for (let time = 0; time <= MOST_STARTS; time += 1) state = starting(state);
      expect(passed).toContain(wantedRelease(state));
      for (let time = 0; time < 3; time += 1) state = fallBack(state);
      expect(wantedRelease(state)).toBeNull();
    }),
  );
});
