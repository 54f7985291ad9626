/** What `hall-agent run` and its agent say to each other. An agent of another version is heard as far as it is understood. */
import type { ChildProcess } from 'node:child_process';
import { Compile } from 'typebox/compile';
import { factsFrom, type Facts } from '../update/health.ts';
import { ApplyRequest } from '../update/state.ts';

const isApply = Compile(ApplyRequest);

/** From the agent. Anything it says is a heartbeat. */
export interface FromAgent {
  readonly alive: true;
  readonly facts?: Facts;
  /** Start this release instead of me. */
  readonly apply?: ApplyRequest;
}
/** From the parent: the release has passed its trial. */
export interface FromParent {
  readonly passed: string;
}

export function heard(message: unknown): Pick<FromAgent, 'facts' | 'apply'> {
  const { facts, apply } = (typeof message === 'object' && message !== null ? message : {}) as {
    facts?: unknown;
    apply?: unknown;
  };
  const known = factsFrom(facts);
  return { ...(known && { facts: known }), ...(isApply.Check(apply) && { apply }) };
}

/** An agent that is just ending does not hear it and finds it on the disk. */
export const tell = (agent: ChildProcess, passed: string): void =>
  void (agent.connected && agent.send({ passed } satisfies FromParent, () => {}));
