/** How long a strip may show what nobody vouches for any more. In fake time over real sockets, so that an hour takes seconds. */
import { systemClock } from '@hall/contracts';
import { startFakeHall, STEP_MS } from './fake-hall.ts';

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
const SERVICE_MS = 40 * 60_000;
/** Default time-out of a dynamic area; the card counts it from the last frame it took. */
const AREA_TIMEOUT_MS = 30_000;
const real = systemClock().machine;

export async function runStaleGuard(): Promise<StaleResult> {
  const fake = await startFakeHall({ windows: WINDOWS.length });
  const { hall, clock, step, timeUntil } = fake;
  try {
    const { feed, content, strips } = hall;
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
    await fake.close();
  }
}
