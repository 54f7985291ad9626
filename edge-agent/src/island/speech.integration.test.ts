import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FakeClock } from '@hall/contracts';
import { pino } from 'pino';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { NewRecord } from '../outbox/sql.ts';
import { openStore } from '../store/store.ts';
import { createSpeech, type Utterance, type Voice } from './speech.ts';

const log = pino({ level: 'silent' });
const words = (id: string, zone = 'east'): Utterance => ({ id, zone, parts: ['请', id], at: 1 });

/** A voice that speaks until it is let go on. */
function slowVoice() {
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const voice: Voice = {
    say: ({ id }) =>
      new Promise<void>((resolve) => {
        begun.push(id);
        ends.push(resolve);
      }),
  };
  return { voice, begun, end: () => ends.shift()?.() };
}

async function speechIn(directory: string, voice: Voice, clock = new FakeClock()) {
  const store = await openStore(directory, log);
  const records: NewRecord[] = [];
  const speech = createSpeech({ voice, maxAgeMs: 10_000, store, append: (record) => records.push(record) }, clock, log);
  onTestFinished(async () => {
    await speech.close();
    await store.close();
  });
  return { speech, store, records };
}
function folder(): string {
  const made = mkdtempSync(path.join(tmpdir(), 'hall-speech-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

test('one voice at a time in a zone, another zone does not wait', async () => {
  const { voice, begun, end } = slowVoice();
  const { speech } = await speechIn(folder(), voice);
  const said = [speech.say(words('a')), speech.say(words('b')), speech.say(words('c', 'west'))];
  await vi.waitFor(() => expect(begun.toSorted()).toEqual(['a', 'c']));
  end();
  end();
  await vi.waitFor(() => expect(begun).toHaveLength(3));
  end();
  expect(await Promise.all(said)).toEqual(['spoken', 'spoken', 'spoken']);
});

test('what was about to be said when the agent was killed is not said after its restart', async () => {
  const directory = folder();
  const first = slowVoice();
  const before = await speechIn(directory, first.voice);
  void before.speech.say(words('a'));
  await vi.waitFor(() => expect(first.begun).toEqual(['a']));
  await before.store.close();
  first.end();
  const second = slowVoice();
  const { speech, records } = await speechIn(directory, second.voice);
  expect(await speech.say(words('a'))).toBe('dropped');
  expect(second.begun).toEqual([]);
  expect(records).toMatchObject([{ type: 'speech.dropped', data: { id: 'a', why: 'said_before' } }]);
});

test('what had to wait too long is not said any more; a voice that fails holds up nobody', async () => {
  const clock = new FakeClock();
  const { voice, begun, end } = slowVoice();
  const { speech, records } = await speechIn(folder(), voice, clock);
  const first = speech.say(words('a'));
  const late = speech.say(words('b'));
  await vi.waitFor(() => expect(begun).toEqual(['a']));
  await clock.advance(10_001);
  end();
  expect(await Promise.all([first, late])).toEqual(['spoken', 'dropped']);
  expect(records.map(({ type, data }) => [type, data['why']])).toEqual([
    ['speech.spoken', undefined],
    ['speech.dropped', 'late'],
  ]);
  const broken = await speechIn(folder(), { say: () => Promise.reject(new Error('no sound card')) });
  expect(await broken.speech.say(words('a'))).toBe('dropped');
  expect(await broken.speech.say(words('b'))).toBe('dropped');
});
