import { duplexPair } from 'node:stream';
import { FakeClock } from '@hall/contracts';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { Session, type Codec } from './session.ts';
import { connectionOf } from './transports/stream.ts';

/** A protocol of one-line questions and answers; a line that begins with `!` is no answer. */
const lines: Codec<string, string> = {
  encode: (question) => Buffer.from(`${question}\n`),
  scan: (bytes) => {
    const parts = Buffer.from(bytes).toString('latin1').split('\n');
    const rest = Buffer.from(parts.pop() ?? '', 'latin1');
    return { found: parts.map((frame) => (frame === '?' ? { bad: Buffer.from(frame), why: 'noise' } : { frame })), rest };
  },
  isAnswer: (frame) => !frame.startsWith('!'),
};

function setup(answer: (question: string) => string | undefined = (question) => `ok ${question}`) {
  const clock = new FakeClock();
  const [near, far] = duplexPair();
  const asked: string[] = [];
  const heard = { bad: 0, unexpected: 0 };
  let rest = '';
  far.on('data', (bytes: Buffer) => {
    const parts = (rest + bytes.toString()).split('\n');
    rest = parts.pop() ?? '';
    for (const question of parts) {
      asked.push(question);
      const said = answer(question);
      if (said !== undefined) far.write(`${said}\n`);
    }
  });
  const session = new Session(connectionOf(near), lines, clock, {
    bad: () => (heard.bad += 1),
    unexpected: () => (heard.unexpected += 1),
  });
  onTestFinished(() => session.close());
  return { clock, far, session, asked, heard };
}

test('questions wait their turn, and each gets its own answer', async () => {
  const { session, asked } = setup();
  const answers = await Promise.all(['a', 'b', 'c'].map((question) => session.ask(() => question, 500)));
  expect({ answers, asked }).toEqual({ answers: ['ok a', 'ok b', 'ok c'], asked: ['a', 'b', 'c'] });
});

test('a question is made when its turn comes, not when it is asked for', async () => {
  const { session, asked } = setup();
  let newest = 'old';
  const first = session.ask(() => 'first', 500);
  const second = session.ask(() => newest, 500);
  newest = 'new';
  await Promise.all([first, second]);
  expect(asked).toEqual(['first', 'new']);
});

test('a silent device times out, and the session closes because a late answer could be taken for the next', async () => {
  const { clock, session } = setup(() => undefined);
  await Promise.all([
    expect(session.ask(() => 'a', 500)).rejects.toMatchObject({ code: 'DEVICE_TIMEOUT', details: { timeoutMs: 500 } }),
    clock.advance(500),
  ]);
  await expect(session.closed).resolves.toMatchObject({ code: 'DEVICE_TIMEOUT' });
  await expect(session.ask(() => 'b', 500)).rejects.toMatchObject({ code: 'DEVICE_OFFLINE' });
});

test('a connection that breaks ends the question that waits and those behind it', async () => {
  const { far, session } = setup(() => undefined);
  const asked = [session.ask(() => 'a', 500), session.ask(() => 'b', 500)];
  far.end();
  for (const one of asked) await expect(one).rejects.toMatchObject({ code: 'DEVICE_OFFLINE' });
});

test('noise, frames nobody asked for and frames that are no answers are counted, not taken', async () => {
  const { clock, far, session, heard } = setup((question) => `?\n!echo\nok ${question}`);
  far.write('nobody asked\n');
  await clock.advance(0);
  await expect(session.ask(() => 'a', 500)).resolves.toBe('ok a');
  expect(heard).toEqual({ bad: 1, unexpected: 2 });
});

test('however an answer is cut, it is the same answer', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 8 }), async (cuts) => {
      const { far, session } = setup(() => undefined);
      const answer = session.ask(() => 'a', 500);
      let rest = 'a long answer of several words\n';
      for (const cut of cuts) {
        far.write(rest.slice(0, cut));
        rest = rest.slice(cut);
      }
      far.write(rest);
      expect(await answer).toBe('a long answer of several words');
    }),
    { numRuns: 30 },
  );
});
