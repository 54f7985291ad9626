/** A day without the server at high hall speed: what screens say all the while, and how soon a key reaches its strip. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { islandPhases, type HallContent } from '@hall/contracts';
import { momentIn, phaseAt, type Phase } from '@hall/model';
import { createKeyBox, type KeyBox } from '@hall/simulators';
import { pictureKey } from '@hall/virtual-hall';
import { startHall, type RunningHall } from '../harness/hall.ts';

export interface IslandDayOptions {
  /** Hall hours without the server. */
  readonly hours: number;
  /** Hall milliseconds per machine millisecond. */
  readonly speed: number;
  /** Machine ms between two presses of a key. */
  readonly pressMs: number;
}

export interface IslandDayResult {
  readonly presses: number;
  /** Key to strip, ms: from before the request to the moment at which the card shows the number. */
  readonly keyToStripMs: { readonly p50: number; readonly p99: number; readonly max: number };
  /** Key to the speech port, ms. */
  readonly keyToSpeechMs: { readonly p99: number; readonly max: number };
  readonly spoken: number;
  /** Looks at a screen, and at how many it was blank. */
  readonly looks: number;
  readonly blank: number;
  /** What a screen said that it should not have, each once. */
  readonly wrong: readonly string[];
  /** Phases of the hall that were looked at. */
  readonly phases: readonly Phase[];
  /** Tickets that were called more than once by `next`. */
  readonly calledTwice: readonly string[];
  /** Acts the server has after it came back. */
  readonly acts: number;
}

const TICKETS = 190;
const LOOK_MS = 40;
const LONGEST_MS = 90_000;
const MAX_AGE_S = 5;
/** Keys are pressed at these; the others must stay neutral. */
const KEYED = ['w01', 'w02'];

const quantile = (sorted: readonly number[], part: number): number =>
  sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * part) - 1)] ?? 0;
const sortedOf = (values: readonly number[]) =>
  values.toSorted((one, other) => one - other).map((ms) => Math.round(ms * 10) / 10);

async function until(hall: RunningHall, what: string, holds: () => boolean): Promise<void> {
  const { machine } = hall.clock;
  for (const endMs = machine.nowMs() + LONGEST_MS; !holds(); await machine.sleep(LOOK_MS)) {
    if (machine.nowMs() > endMs) throw new Error(`not within ${LONGEST_MS / 1000} s: ${what}`);
  }
}

const withOneService = (content: HallContent): HallContent => ({
  ...content,
  settings: { ...content.settings, liveMaxAgeS: MAX_AGE_S, safeAfterS: 30 },
  windows: content.windows.map((window) => ({ ...window, services: [content.services[0]?.id ?? ''] })),
});

/** Presses, and resolves with the time until the card has the number; without one if nobody was called. */
async function pressAndSee(hall: RunningHall, box: KeyBox, window: string, act: 'next' | 'recall') {
  const { machine, wall } = hall.clock;
  const strip = hall.strips.get(`strip-${window}`);
  if (!strip) throw new RangeError(`no strip over ${window}`);
  const beganMs = machine.nowMs();
  const wallMs = wall.nowMs();
  const before = hall.shown(window);
  const changes: { atMs: number; text: string }[] = [];
  const stop = strip.simulator.onChange(() => changes.push({ atMs: machine.nowMs(), text: hall.shown(window) })) as unknown;
  const { body } = await box.press(act);
  const { ticket } = body;
  if (ticket !== undefined && act === 'next')
    await until(hall, `${ticket} on the strip`, () => hall.shown(window).includes(ticket));
  if (typeof stop === 'function') (stop as () => void)();
  const shown = ticket === undefined || before.includes(ticket) ? undefined : changes.find(({ text }) => text.includes(ticket));
  return { ticket, wallMs, tookMs: shown && shown.atMs - beganMs };
}

/** @throws Error where something does not happen at all within a minute and a half. */
export async function runIslandDay({ hours, speed, pressMs }: IslandDayOptions): Promise<IslandDayResult> {
  const hall = await startHall({
    windows: 4,
    boards: true,
    speed,
    content: withOneService,
    agentConfig: { island: { afterMs: 1000 }, speech: { voice: 'recording' } },
  });
  try {
    const { clock, content, feed } = hall;
    const { machine } = clock;
    const agent = () => hall.agents.get('agent-a')?.state();
    const ticket = (n: number) => `A${String(n).padStart(3, '0')}`;
    const service = content.services[0]?.id ?? '';
    await feed.send(content.windows.map(({ id }) => feed.event('window.opened', `made-${id}`, { window: id })));
    await feed.send(
      Array.from({ length: TICKETS }, (_, n) => feed.event('ticket.issued', ticket(n + 1), { ticket: ticket(n + 1), service })),
    );
    await until(hall, 'the agent holds the waiting list', () => agent()?.local.waiting[0]?.count === TICKETS);
    await hall.stopServer();
    const lostMs = machine.nowMs();
    const [, island] = islandPhases;
    await until(hall, 'the hall is alone', () => agent()?.local.phase === island);

    const boxes = KEYED.map((window) => ({
      window,
      box: createKeyBox({ file: path.join(hall.folder, 'agent-a', 'call-port.json'), window }),
    }));
    const { zone } = content.calendar;
    const day = () => momentIn(zone, clock.hall.nowMs()).day;
    const firstDay = day();
    const phases = new Set<Phase>();
    const wrong = new Set<string>();
    const keyMs: number[] = [];
    const said = new Map<string, number>();
    const called: string[] = [];
    const at = new Map<string, string>();
    let looks = 0;
    let blank = 0;
    let dayTurnedMs: number | undefined;

    /** Every screen, as it is now. */
    const look = () => {
      phases.add(phaseAt(content.calendar, clock.hall.nowMs()).phase);
      if (day() !== firstDay) dayTurnedMs ??= machine.nowMs();
      // Fields are looked at again when their age would run out: a number of yesterday is gone by then.
      const turned = dayTurnedMs !== undefined && machine.nowMs() - dayTurnedMs > (MAX_AGE_S + 2) * 1000;
      for (const { id } of content.windows) {
        const strip = hall.strips.get(`strip-${id}`);
        const text = hall.shown(id);
        looks += 1;
        if (!strip || text.trim() === '' || pictureKey(strip.simulator.picture()) === strip.darkKey) blank += 1;
        const local = at.get(id);
        if (dayTurnedMs !== undefined && !turned) continue;
        if (!KEYED.includes(id) || (turned && /A\d/.test(text))) {
          if (!text.includes('叫号')) wrong.add(`${id} at ${new Date(clock.hall.nowMs()).toISOString()}: ${text}`);
        } else if (!turned && local !== undefined && !text.includes(local)) wrong.add(`${id} shows ${text}, not ${local}`);
      }
      for (const device of content.devices.filter(({ driver }) => driver === 'kiosk')) {
        const lines = agent()?.devices[device.id]?.screen?.text ?? [];
        looks += 1;
        if (lines.join('').trim() === '') blank += 1;
        if (/A\d\d\d/.test(lines.join(' ')) && machine.nowMs() - lostMs > (MAX_AGE_S + 3) * 1000)
          wrong.add(`${device.id}: ${lines.join(' ')}`);
        const opening = content.calendar.week[0]?.[0]?.from ?? '';
        if (machine.nowMs() - lostMs > (MAX_AGE_S + 35) * 1000 && !lines.join(' ').includes(opening))
          wrong.add(`${device.id} without opening hours`);
      }
    };

    let presses = 0;
    const untilHallMs = clock.hall.nowMs() + hours * 3_600_000;
    let pressAtMs = machine.nowMs();
    while (clock.hall.nowMs() < untilHallMs) {
      if (machine.nowMs() >= pressAtMs && day() === firstDay && called.length < TICKETS) {
        pressAtMs = machine.nowMs() + pressMs;
        const { window, box } = boxes[presses % boxes.length] ?? boxes[0]!;
        presses += 1;
        at.delete(window);
        const { ticket: got, tookMs, wallMs } = await pressAndSee(hall, box, window, 'next');
        if (got !== undefined) {
          called.push(got);
          said.set(got, wallMs);
          at.set(window, got);
        }
        if (tookMs !== undefined) keyMs.push(tookMs);
      }
      look();
      await machine.sleep(LOOK_MS);
    }

    const text = await readFile(path.join(hall.folder, 'agent-a', 'speech.jsonl'), 'utf8');
    const lines = text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as { parts: string[]; saidAt: number });
    const speechMs = lines.map(({ parts, saidAt }) => saidAt - (said.get(parts[1] ?? '') ?? 0));
    await hall.startServer();
    // The server vouches for nothing before its platform has said something.
    await feed.send(feed.event('feed.heartbeat', 'made-beat', {}));
    await until(hall, 'the hall is connected', () => agent()?.local.phase === 'connected');
    await until(hall, 'the server has every act', () => hall.server.services.island.view({ limit: 500 }).acts.length === presses);
    const strips = sortedOf(keyMs);
    const voices = sortedOf(speechMs);
    return {
      presses,
      keyToStripMs: { p50: quantile(strips, 0.5), p99: quantile(strips, 0.99), max: strips.at(-1) ?? 0 },
      keyToSpeechMs: { p99: quantile(voices, 0.99), max: voices.at(-1) ?? 0 },
      spoken: lines.length,
      looks,
      blank,
      wrong: [...wrong],
      phases: [...phases],
      calledTwice: called.filter((one, n) => called.indexOf(one) !== n),
      acts: hall.server.services.island.view({ limit: 500 }).acts.length,
    };
  } finally {
    await hall.close();
  }
}
