/** socket.io, namespace `/`, path `/realtime`. Signed in by the session cookie; rows are whole, newest wins. */
import type { CommandView } from './command-view.ts';
import type { AlarmView } from './alarms.ts';
import type { AgentView, DeviceView, EventRow, Overview, WindowView } from './http.ts';
import type { ConsoleNotice } from './notice.ts';

/** Rows that changed since the last message, at most every 100 ms. A console that reconnects reads the overview again. */
export interface Changes {
  readonly windows?: readonly WindowView[];
  readonly devices?: readonly DeviceView[];
  readonly agents?: readonly AgentView[];
  readonly commands?: readonly CommandView[];
  readonly alarms?: readonly AlarmView[];
  readonly events?: readonly EventRow[];
  readonly queues?: Overview['queues'];
  readonly feed?: Overview['feed'];
  readonly hall?: Overview['hall'];
  readonly notices?: readonly ConsoleNotice[];
}

export interface ServerToConsole {
  changes: (changes: Changes) => void;
  /** The session was ended elsewhere. */
  signedOut: () => void;
}
export type ConsoleToServer = Record<never, never>;
