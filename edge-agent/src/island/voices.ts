/** The voices behind the speech port: a file that records what would be said, and espeak-ng of the system. */
import { spawn } from 'node:child_process';
import { appendFile } from 'node:fs/promises';
import type { Clock } from '@hall/contracts';
import type { Voice } from './speech.ts';

/** A sentence takes no longer, ms; a process that hangs must not silence its zone. */
const LONGEST_MS = 15_000;

/** Appends each utterance as one line of JSON, with the wall time at which it was said. */
export const recordingVoice = (file: string, clock: Clock): Voice => ({
  say: (utterance) =>
    appendFile(file, `${JSON.stringify({ ...utterance, saidAt: Math.round(clock.wall.nowMs()) })}\n`, { mode: 0o600 }),
});

/** espeak-ng reads the text from its standard input, so that no text is ever taken for an option. */
export const espeakVoice = ({ command = 'espeak-ng', language = 'cmn' } = {}, clock: Clock): Voice => ({
  say: ({ parts }, signal) =>
    new Promise((resolve, reject) => {
      const over = new AbortController();
      const child = spawn(command, ['-v', language, '--stdin'], { stdio: ['pipe', 'ignore', 'ignore'], signal });
      clock.machine.sleep(LONGEST_MS, over.signal).then(
        () => child.kill('SIGKILL'),
        () => {},
      );
      child.once('error', (error) => {
        over.abort();
        reject(error);
      });
      child.once('close', (code) => {
        over.abort();
        if (code === 0) resolve();
        else reject(new Error(`${command} ended with ${code ?? 'a signal'}`));
      });
      child.stdin.on('error', () => {});
      child.stdin.end(parts.join(' '));
    }),
});
