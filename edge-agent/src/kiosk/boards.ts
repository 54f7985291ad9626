/** Between the board pages in their browsers and the driver that owns their screen. Knows no HTTP. */
import { HallError, type Clock } from '@hall/contracts';
import type { BoardView } from '@hall/templates';

/** A page that has not said a word for this long is frozen or gone, ms. Pages speak every 4 s. */
const SILENT_MS = 12_000;

export interface BoardMessage {
  /** Grows with every message of this agent process. */
  readonly number: number;
  readonly hash: string;
  readonly view: BoardView;
  /** A page that hears nothing for this long shows the neutral text, ms. */
  readonly maxAgeMs: number;
}

export interface PageListener {
  show(message: BoardMessage): void;
  /** The screen is no longer driven: nothing said before may be believed longer than its age. */
  rest(): void;
}

/** The driver's end of a screen. */
export interface Board {
  /**
   * Sends the newest board to every page and waits until one has painted it.
   * @throws HallError DEVICE_TIMEOUT `{timeoutMs}`, DEVICE_OFFLINE when the last page leaves.
   */
  paint(board: Omit<BoardMessage, 'number'>, timeoutMs: number): Promise<void>;
  readonly closed: Promise<Error | undefined>;
  close(): Promise<void>;
}

export interface Boards {
  /** @throws HallError DEVICE_OFFLINE when no page of this device is there, or it is already open. */
  open(device: string): Board;
  /** A page came; the result is called when it leaves. */
  join(device: string, page: PageListener): () => void;
  /** A page says what it has painted; also its sign of life. */
  painted(device: string, hash: string): void;
  readonly pages: (device: string) => number;
}

interface Screen {
  readonly pages: Set<PageListener>;
  newest: BoardMessage | undefined;
  heardAtMs: number;
  driven: { onPainted(hash: string): void; end(reason: Error | undefined): void } | undefined;
}

export function createBoards(clock: Clock): Boards {
  const screens = new Map<string, Screen>();
  let number = 0;

  function screenOf(device: string): Screen {
    const screen = screens.get(device) ?? { pages: new Set(), newest: undefined, heardAtMs: 0, driven: undefined };
    screens.set(device, screen);
    return screen;
  }

  return {
    pages: (device) => screens.get(device)?.pages.size ?? 0,
    join(device, page) {
      const screen = screenOf(device);
      screen.pages.add(page);
      screen.heardAtMs = clock.machine.nowMs();
      if (screen.newest) page.show(screen.newest);
      return () => {
        screen.pages.delete(page);
        if (screen.pages.size > 0) return;
        screen.driven?.end(undefined);
        if (!screen.driven) screens.delete(device);
      };
    },
    painted(device, hash) {
      const screen = screens.get(device);
      if (!screen) return;
      screen.heardAtMs = clock.machine.nowMs();
      screen.driven?.onPainted(hash);
    },
    open(device) {
      const screen = screens.get(device);
      if (!screen || screen.pages.size === 0 || screen.driven) throw new HallError('DEVICE_OFFLINE', { device });
      return drive(screen);
    },
  };

  function drive(screen: Screen): Board {
    const over = new AbortController();
    let waiting: { hash: string; resolve: () => void; reject: (error: Error) => void } | undefined;
    let settle: (reason: Error | undefined) => void = () => {};
    const closed = new Promise<Error | undefined>((resolve) => {
      settle = resolve;
    });
    const end = (reason: Error | undefined) => {
      if (over.signal.aborted) return;
      over.abort();
      screen.driven = undefined;
      screen.newest = undefined;
      for (const page of screen.pages) page.rest();
      waiting?.reject(new HallError('DEVICE_OFFLINE', {}, reason));
      settle(reason);
    };
    screen.driven = {
      end,
      onPainted(hash) {
        if (hash === waiting?.hash) waiting.resolve();
      },
    };
    void watch();
    return {
      closed,
      close: async () => end(undefined),
      async paint(board, timeoutMs) {
        if (over.signal.aborted) throw new HallError('DEVICE_OFFLINE');
        number += 1;
        const message = { ...board, number };
        screen.newest = message;
        const done = new AbortController();
        try {
          await new Promise<void>((resolve, reject) => {
            waiting = { hash: board.hash, resolve, reject };
            for (const page of screen.pages) page.show(message);
            clock.machine.sleep(timeoutMs, done.signal).then(
              () => reject(new HallError('DEVICE_TIMEOUT', { timeoutMs })),
              () => {},
            );
          });
        } finally {
          waiting = undefined;
          done.abort('woken');
        }
      },
    };

    /** Ends a screen whose pages are connected but no longer alive. */
    async function watch(): Promise<void> {
      for (;;) {
        const leftMs = screen.heardAtMs + SILENT_MS - clock.machine.nowMs();
        if (leftMs <= 0) return end(new HallError('DEVICE_TIMEOUT', { timeoutMs: SILENT_MS }));
        try {
          await clock.machine.sleep(leftMs, over.signal);
        } catch {
          return;
        }
      }
    }
  }
}
