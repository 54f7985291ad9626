/** Sends events on the platform's normal way and holds every strip against the model all the while. */
import type { Clock, HallContent, WindowLive } from '@hall/contracts';
import { createSender, type Delivery, type PlatformEvent, type Sender } from '@hall/simulators';
import { createChecker, createTruth, type Checker, type Tally, type Truth, type Verdict } from '@hall/virtual-hall';
import { followCalls } from './calls.ts';
import type { TestStrip } from './strips.ts';

const LOOK_MS = 50;

export interface JudgeOptions {
  readonly clock: Clock;
  readonly content: HallContent;
  readonly strips: ReadonlyMap<string, TestStrip>;
  readonly hall: string;
  readonly baseUrl: string;
  readonly secret: string;
  /** Hall ms per machine ms; default 1. */
  readonly speed?: number;
  /** Whether something between platform and strip is cut on purpose; strips, their power and the platform's line are known. */
  readonly cut?: (device: string) => boolean;
  readonly maxBatch?: number;
}

export interface Judge {
  readonly truth: Truth;
  readonly checker: Checker;
  readonly sender: Sender;
  /** An event leaves the platform now; the same event may leave again. */
  send(event: PlatformEvent): void;
  /** Keys of events the server has answered for as accepted or duplicate. */
  readonly acknowledged: ReadonlySet<string>;
  readonly sent: ReadonlySet<string>;
  readonly outcomes: Readonly<Record<Delivery['outcome'], number>>;
  /** Refused and quarantined events by code. */
  readonly refusals: Readonly<Record<string, number>>;
  /** What was to be seen when a strip began to be wrong or late: newest 50. */
  readonly evidence: readonly Evidence[];
  /** Times a strip showed a ticket after it had shown one called later at that window. */
  readonly steppedBack: readonly string[];
  /** Resolves when everything sent is answered for and every strip shows what the model says; false if not within the time. */
  settled(withinMs: number): Promise<boolean>;
  /** Strips that do not show what the model says now. */
  differing(): string[];
  close(): Promise<void>;
}

export interface Evidence {
  readonly strip: string;
  readonly verdict: Verdict;
  /** Machine time, ms. */
  readonly atMs: number;
  readonly shown: readonly string[];
  /** The window as the model has it. */
  readonly model: WindowLive | undefined;
}

const MOST_EVIDENCE = 50;

export const keyOf = ({ source, id }: Pick<PlatformEvent, 'source' | 'id'>): string => `${source} ${id}`;

/** Share of the open time in which strips were right, 0 to 1, and the split in screen-seconds, readable. */
export function readTally(tally: Tally): { readonly right: number; readonly text: string } {
  const total = Object.values(tally).reduce((sum, ms) => sum + ms, 0);
  const text = Object.entries(tally)
    .map(([verdict, ms]) => `${verdict} ${(ms / 1000).toFixed(1)} s`)
    .join(', ');
  return { right: total === 0 ? 0 : tally.right / total, text };
}

export function createJudge(options: JudgeOptions): Judge {
  const { clock, content, strips, speed = 1 } = options;
  const truth = createTruth(content, clock, speed);
  const sent = new Set<string>();
  const acknowledged = new Set<string>();
  const refusals: Record<string, number> = {};
  const outcomes = { accepted: 0, duplicate: 0, quarantined: 0, refused: 0 };
  let online = true;
  const sender = createSender({
    clock,
    hall: options.hall,
    baseUrl: options.baseUrl,
    secret: options.secret,
    ...(options.maxBatch === undefined ? {} : { maxBatch: options.maxBatch }),
    delivered: ({ event, outcome, code }) => {
      truth.acknowledged(1);
      outcomes[outcome] += 1;
      if (code !== undefined) refusals[code] = (refusals[code] ?? 0) + 1;
      if (outcome === 'accepted' || outcome === 'duplicate') acknowledged.add(keyOf(event));
    },
    connected: (now) => {
      online = now;
      checker.look();
    },
  });

  const windowOf = new Map(content.devices.map(({ id, screen }) => [id, screen?.window ?? '']));
  const evidence: Evidence[] = [];
  const checker = createChecker({
    changed: (id, verdict) => {
      if (verdict !== 'wrong' && verdict !== 'late') return;
      const shown = strips.get(id)?.simulator.texts() ?? [];
      evidence.push({ strip: id, verdict, atMs: clock.machine.nowMs(), shown, model: truth.window(windowOf.get(id) ?? '') });
      if (evidence.length > MOST_EVIDENCE) evidence.shift();
    },
    clock,
    truth,
    maxAgeMs: content.settings.liveMaxAgeS * 1000,
    strips: [...strips.values()].map(({ id, simulator, storedKey, darkKey }) => ({
      id,
      storedKey,
      darkKey,
      picture: () => simulator.picture(),
      cut: () => !online || strips.get(id)?.unplugged === true || !simulator.state.powered || (options.cut?.(id) ?? false),
    })),
  });
  const history = followCalls({
    ticketAt: (window) => truth.window(window)?.ticket,
    texts: (strip) => strips.get(strip)?.simulator.texts() ?? [],
    windowOf: (strip) => windowOf.get(strip) ?? '',
  });
  const listening = [...strips.values()].map(({ id, simulator }) =>
    simulator.onChange(() => {
      history.seen(id);
      checker.seen(id);
    }),
  );

  const over = new AbortController();
  const looking = (async () => {
    while (!over.signal.aborted) {
      await clock.machine.sleep(LOOK_MS, over.signal).catch(() => {});
      checker.look();
    }
  })();
  const differing = () =>
    [...strips.keys()].filter(
      (id) => truth.expected(id).some((span) => span.endedMs === undefined) && checker.verdict(id) !== 'right',
    );

  return {
    truth,
    checker,
    sender,
    sent,
    acknowledged,
    outcomes,
    refusals,
    evidence,
    steppedBack: history.steppedBack,
    send(event) {
      sent.add(keyOf(event));
      const changed = truth.sent(event);
      history.changed(typeof event.data['window'] === 'string' ? event.data['window'] : undefined);
      checker.look(changed);
      sender.send(event);
    },
    differing,
    async settled(withinMs) {
      const untilMs = clock.machine.nowMs() + withinMs;
      while (clock.machine.nowMs() < untilMs) {
        checker.look();
        if (sender.pending === 0 && differing().length === 0) return true;
        await clock.machine.sleep(LOOK_MS);
      }
      return false;
    },
    async close() {
      over.abort();
      await looking;
      for (const stop of listening) stop();
      await sender.close();
    },
  };
}
