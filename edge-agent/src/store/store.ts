/** The agent's store as the rest of the agent sees it: named calls, answered after their commit. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { HallError, type ErrorCode } from '@hall/contracts';
import { startThread } from '@hall/runtime';
import type { Logger } from 'pino';
import type { Arguments, CallName, Reply, Result } from './calls.ts';

export interface Store {
  /**
   * Resolves after the commit that holds the call. Calls made in one go are committed together, in order.
   * @throws HallError STORE_FAILED when the disk refuses (`reason`), or after `close`.
   */
  call<N extends CallName>(name: N, ...args: Arguments<N> extends undefined ? [] : [Arguments<N>]): Promise<Result<N>>;
  /** Commits what waits, then closes the file. */
  close(): Promise<void>;
}

type Message =
  | { ready: true }
  | { damaged: string }
  | { failed: string; code?: ErrorCode; details?: Record<string, unknown> }
  | { replies: readonly Reply[] };

/** The store needs little memory. */
const LIMITS = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 96 };

/**
 * Opens `<directory>/agent.sqlite` on a thread of its own.
 * @throws HallError STORE_NEWER, or STORE_FAILED when the file cannot be opened.
 */
export async function openStore(directory: string, log: Logger): Promise<Store> {
  await mkdir(directory, { recursive: true });
  const source = import.meta.url.endsWith('.ts');
  const module = new URL(source ? './thread.ts' : './thread.js', import.meta.url);
  const worker = startThread(module, { file: path.join(directory, 'agent.sqlite') }, LIMITS);
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let lastId = 0;
  let gone: HallError | undefined;
  const ended = new Promise<void>((resolve) => {
    worker.once('exit', () => resolve());
  });

  await new Promise<void>((resolve, reject) => {
    const fail = (error: HallError) => {
      gone ??= error;
      reject(error);
      for (const { reject: refuse } of waiting.values()) refuse(error);
      waiting.clear();
    };
    worker.on('message', (message: Message) => {
      if ('ready' in message) resolve();
      else if ('damaged' in message) log.error({ setAside: message.damaged }, 'agent store was damaged, a new one is begun');
      else if ('failed' in message) {
        fail(
          message.code === 'STORE_NEWER'
            ? new HallError('STORE_NEWER', message.details ?? {})
            : new HallError('STORE_FAILED', { reason: message.failed }),
        );
      } else {
        for (const reply of message.replies) {
          const asker = waiting.get(reply.id);
          waiting.delete(reply.id);
          if ('error' in reply) asker?.reject(new HallError('STORE_FAILED', { reason: reply.error }));
          else asker?.resolve(reply.value);
        }
      }
    });
    worker.on('error', (error) => fail(new HallError('STORE_FAILED', { reason: error.message }, error)));
    worker.once('exit', () => fail(new HallError('STORE_FAILED', { reason: 'closed' })));
  });

  return {
    async call(name, ...[args]) {
      if (gone) throw gone;
      return new Promise((resolve, reject) => {
        lastId += 1;
        waiting.set(lastId, { resolve: resolve as (value: unknown) => void, reject });
        worker.postMessage({ id: lastId, name, args });
      });
    },
    async close() {
      if (!gone) worker.postMessage('close');
      await ended;
    },
  };
}
