/** How long a strip may show what nobody vouches for any more. In fake time over real sockets, so that an hour takes seconds. */
import { FakeClock, systemClock } from '@hall/contracts';
import { startHall, type RunningHall } from '../harness/hall.ts';

export interface StaleResult {
  /** From the cut between agent and server to the neutral text, slowest strip, ms of machine time. */
  readonly neutralMs: number;
  /** The same when the platform falls silent. */
  readonly silentFeedMs: number;
  /** From the cut between strip and agent to the programme stored in the card, ms. */
  readonly storedMs: number;
  /** Promised at most for each, ms. */
  readonly limits: { readonly neutralMs: number; readonly silentFeedMs: number; readonly storedMs: number };
  /** A service with a healthy feed: how long it was watched, and every other picture its strip showed meanwhile. */
  readonly watchedMs: number;
  readonly changesInService: readonly string[];
}

const NEUTRAL = '请以窗口叫号为准';
const WINDOWS = ['w01', 'w02', 'w03'] as const;
const STEP_MS = 250;
const HEARTBEAT_MS = 20_000;
const SERVICE_MS = 40 * 60_000;
const LONGEST_MS = 10 * 60_000;
/** Default time-out of a dynamic area; the card counts it from the last frame it took. */
const AREA_TIMEOUT_MS = 30_000;
/** Enough turns of the event loop for a message to pass all sockets between the server and a strip. */
const TURNS = 40;

export async function runStaleGuard(): Promise<StaleResult> {
  const clock = new FakeClock();
  const real = systemClock().machine;
  const step = async () => {
    await clock.advance(STEP_MS);
    for (let turn = 0; turn < TURNS; turn += 1) {
      await new Promise<void>((resolve) => {
        setImmediate(resolve);
      });
    }
  };
  const hall = await startHall({ windows: WINDOWS.length, clock });
  try {
    const { feed, content, strips } = hall;
    /** Fake time until the condition holds, ms. `alive`: the platform says something now and then. */
    const timeUntil = async (holds: () => boolean, alive: boolean, longestMs = LONGEST_MS): Promise<number> => {
      const fromMs = clock.machine.nowMs();
      for (let heardMs = fromMs; !holds();) {
        const nowMs = clock.machine.nowMs();
        if (nowMs - fromMs > longestMs) return Number.POSITIVE_INFINITY;
        if (alive && nowMs - heardMs >= HEARTBEAT_MS) {
          heardMs = nowMs;
          await heartbeat(hall);
        }
        await step();
      }
      return clock.machine.nowMs() - fromMs;
    };
    const all = (passes: (text: string) => boolean) => () => WINDOWS.every((window) => passes(hall.shown(window)));
    /** Commits and TCP connections take real time, in which the fake clock goes on slowly. */
    const untilCalled = async (round: string) => {
      const events = WINDOWS.map((window) => feed.called(window, `${round}${window.slice(1)}`));
      const { body } = await feed.send(events);
      if (body.accepted !== events.length) throw new Error(`calls were not accepted: ${JSON.stringify(body)}`);
      for (let tries = 0; !all((text) => text.includes(`${round}0`))(); tries += 1) {
        if (tries > 2000) throw new Error(`calls were not shown: ${WINDOWS.map(hall.shown).join(' | ')}`);
        await step();
        await real.sleep(5);
      }
    };
    await feed.send(WINDOWS.map((window) => feed.event('window.opened', `made-${window}`, { window })));

    await untilCalled('A');
    hall.cables.get('agent-a')?.unplug(true);
    const neutralMs = await timeUntil(
      all((text) => text.includes(NEUTRAL)),
      true,
    );
    hall.cables.get('agent-a')?.unplug(false);
    await untilCalled('B');

    const silentFeedMs = await timeUntil(
      all((text) => text.includes(NEUTRAL)),
      false,
    );
    await untilCalled('C');

    const pictures: string[] = [];
    const [first] = strips.values();
    const shown = () => first?.simulator.texts().join(' ') ?? '';
    const before = shown();
    const stop = first?.simulator.onChange(() => {
      if (shown() !== before) pictures.push(shown());
    });
    const fromMs = clock.machine.nowMs();
    const watchedMs = await timeUntil(() => clock.machine.nowMs() - fromMs >= SERVICE_MS, true, SERVICE_MS * 2);
    stop?.();

    for (const strip of strips.values()) Object.assign(strip.simulator.faults, { deaf: true, silence: true });
    const storedMs = await timeUntil(
      () => [...strips.values()].every(({ simulator }) => simulator.state.areas.length === 0),
      true,
    );
    const { liveMaxAgeS, feedMaxAgeS } = content.settings;
    return {
      neutralMs,
      silentFeedMs,
      storedMs,
      limits: {
        neutralMs: liveMaxAgeS * 1000 + STEP_MS,
        silentFeedMs: (feedMaxAgeS + liveMaxAgeS) * 1000 + STEP_MS,
        storedMs: AREA_TIMEOUT_MS + STEP_MS,
      },
      watchedMs,
      changesInService: pictures,
    };
  } finally {
    // What says goodbye waits for an answer, up to a time that must come.
    let closed = false;
    const closing = hall.close().finally(() => {
      closed = true;
    });
    while (!closed) await step();
    await closing;
  }
}

async function heartbeat({ feed }: RunningHall): Promise<void> {
  await feed.send(feed.event('feed.heartbeat', 'made-heartbeat', {}));
}
