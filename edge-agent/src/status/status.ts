/** Says how the agent is: every 30 s, after each welcome, and soon after something that somebody may wait for has changed. */
import type { AgentStatus, Clock } from '@hall/contracts';
import { createNewest } from '../newest.ts';
import { telling } from './telling.ts';

/** Between two statuses when nothing changes, machine ms. */
export const EVERY_MS = 30_000;
/** How often is looked whether something has changed, machine ms. */
const LOOK_MS = 2000;

export interface StatusReporter {
  /** A session began: whoever is there now knows nothing. */
  welcomed(): void;
  close(): void;
}

export interface StatusOptions {
  /** All but the number of the status. */
  gather(): Promise<Omit<AgentStatus, 'seq'>>;
  /** Resolves with whether the broker took it. */
  send(status: AgentStatus): Promise<boolean>;
}

export function createStatusReporter({ gather, send }: StatusOptions, { machine }: Clock): StatusReporter {
  const over = new AbortController();
  let seq = 0;
  let said = { what: '', atMs: Number.NEGATIVE_INFINITY };

  const saying = createNewest<{ readonly always: boolean }>(async ({ always }) => {
    const status = await gather();
    const what = telling(status);
    if (!always && what === said.what && machine.nowMs() - said.atMs < EVERY_MS) return;
    seq += 1;
    if (await send({ ...status, seq })) said = { what, atMs: machine.nowMs() };
  });

  void (async () => {
    while (!over.signal.aborted) {
      await machine.sleep(LOOK_MS, over.signal).catch(() => {});
      if (!over.signal.aborted) saying.give({ always: false });
    }
  })();
  return {
    welcomed: () => saying.give({ always: true }),
    close: () => over.abort(),
  };
}
