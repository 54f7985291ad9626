/** What the stage may ask of whoever started the other processes. */

/** `server` or an agent's id. */
export type ProcessName = string;
export type ProcessState = 'running' | 'killed' | 'starting';

export interface ControlPort {
  /** kill -9; whoever listens starts it again. */
  kill(process: ProcessName): void;
  /** Told at once for every known process, and then at every change. Answers what ends the listening. */
  watch(listener: (process: ProcessName, state: ProcessState) => void): () => void;
}

/** A stage without launcher: nothing can be killed. */
export const noControl: ControlPort = { kill: () => {}, watch: () => () => {} };

/** The parts of `process` that carry messages to and from the parent. */
export interface ParentChannel {
  send?: ((message: unknown) => unknown) | undefined;
  on(event: 'message', listener: (message: unknown) => void): unknown;
}

function isProcessMessage(message: unknown): message is { process: string; state: ProcessState } {
  if (typeof message !== 'object' || message === null) return false;
  const { process: name, state } = message as Record<string, unknown>;
  return typeof name === 'string' && (state === 'running' || state === 'killed' || state === 'starting');
}

/** Control over the messages of a parent process: `{kill}` up, `{process, state}` down. */
export function parentControl(parent: ParentChannel): ControlPort {
  const known = new Map<ProcessName, ProcessState>();
  const listeners = new Set<(process: ProcessName, state: ProcessState) => void>();
  parent.on('message', (message) => {
    if (!isProcessMessage(message)) return;
    known.set(message.process, message.state);
    for (const listener of listeners) listener(message.process, message.state);
  });
  return {
    kill: (name) => parent.send?.({ kill: name }),
    watch(listener) {
      for (const [name, state] of known) listener(name, state);
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
