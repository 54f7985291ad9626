import type { Changes, ConsoleToServer, ServerToConsole } from '@hall/contracts';
import { io, type Socket } from 'socket.io-client';
import { create } from 'zustand';

/** How often a connection that the server closed is asked for again, ms. */
const RETRY_MS = 3000;

interface Connection {
  readonly state: 'connecting' | 'connected' | 'lost';
  /** `performance.now()` when the page was last known to be true: a message, a read, or the moment the link broke. */
  readonly trueAtMs: number;
}

/** Whether what the page shows is still being told to it. */
export const useConnection = create<Connection>(() => ({ state: 'connecting', trueAtMs: performance.now() }));

const heard = (): void => useConnection.setState({ state: 'connected', trueAtMs: performance.now() });
const lost = (): void =>
  useConnection.setState((held) => (held.state === 'lost' ? held : { state: 'lost', trueAtMs: held.trueAtMs }));

/** A read of the overview by HTTP answered or failed; a dead network does not always close the socket. */
export const noteRead = (succeeded: boolean): void => {
  if (!succeeded) lost();
  else if (socketUp) heard();
};
let socketUp = false;

/** Opens the live connection. `connected` runs after every connect, so that rows missed meanwhile are read again. */
export function openLive(on: { changes: (changes: Changes) => void; connected: () => void; signedOut: () => void }): () => void {
  const socket: Socket<ServerToConsole, ConsoleToServer> = io({
    path: '/realtime',
    transports: ['websocket'],
    reconnectionDelay: 300,
    reconnectionDelayMax: 3000,
  });
  socket.on('connect', () => {
    socketUp = true;
    heard();
    on.connected();
  });
  socket.on('changes', (changes) => {
    heard();
    on.changes(changes);
  });
  socket.on('disconnect', () => {
    socketUp = false;
    lost();
  });
  socket.on('connect_error', lost);
  // The client gives up by itself when the server closes or refuses; a console in a hall must not.
  const again = window.setInterval(() => {
    if (!socket.connected && !socket.active) socket.connect();
  }, RETRY_MS);
  socket.on('signedOut', on.signedOut);
  const offline = () => lost();
  window.addEventListener('offline', offline);
  return () => {
    window.removeEventListener('offline', offline);
    window.clearInterval(again);
    socket.close();
    socketUp = false;
    useConnection.setState({ state: 'connecting', trueAtMs: performance.now() });
  };
}
