/** Onbon BX-5K and BX-6K font-library cards: window strips of one or two colours. Live text only in RAM areas. */
import { HallError, type CommandAct, type ConfirmationLevel } from '@hall/contracts';
import { onbonK as wire } from '@hall/wire';
import { Type } from 'typebox';
import { Session, type Codec } from '../../session.ts';
import type { Connection } from '../../transports/transport.ts';
import { createTurns } from '../../turns.ts';
import { defineDriver, type Device, type DriverContext, type Order, type Panel, type Reading } from '../driver.ts';
import { areasOf, partsOf, requestFor, type Areas } from './areas.ts';
import { onbonNetwork, onbonSerial } from './finders.ts';
import { OnbonKSettings, transportFor } from './settings.ts';

/** Between two signs of life; with the time-out for the answer a dead link is noticed within 5 s. */
const HEARTBEAT_MS = 2000;
/** A card's own clock drifts; it is set again this often. */
const CLOCK_MS = 60 * 60 * 1000;
/** Brightest level of a card (Onbon K protocol, A3 02). */
const MOST_LEVEL = 15;
const percentOf = (level: number): number => Math.round((level * 100) / MOST_LEVEL);

const State = Type.Object({
  on: Type.Boolean({ description: 'As last acknowledged.' }),
  brightness: Type.Integer({ minimum: 0, maximum: 15, description: 'As last acknowledged.' }),
  areas: Type.Integer({ minimum: 0, description: 'Dynamic areas the card has acknowledged.' }),
});

const codec: Codec<wire.Frame, wire.Frame> = {
  encode: wire.encodeFrame,
  scan: wire.scan,
  isAnswer: ({ destination, source }) => destination === wire.addresses.computer && source !== wire.addresses.computer,
};

/** Requests that write the card's flash, which wears out after about 100,000 writes; none is ever part of a call. */
const flashKinds: ReadonlySet<wire.Request['kind']> = new Set(['start_write_file', 'write_block', 'begin_files', 'end_files']);

export const onbonK = defineDriver({
  id: 'onbon-k',
  title: '仰邦 Onbon BX-5K/6K',
  models: ['BX-5K1', 'BX-5K2', 'BX-5MK1', 'BX-5MK2', 'BX-6K1', 'BX-6K2', 'BX-6K3'],
  // Dynamic areas cannot be read back: an ACK says that the card took the text, not that it shows it.
  reaches: 'acknowledged',
  // No document names a command that restarts a card.
  acts: ['identify', 'test_pattern', 'black', 'brightness', 'clock_set'],
  config: OnbonKSettings,
  state: State,
  cut: (bytes) => {
    const { found, rest } = wire.scan(bytes);
    return {
      rest,
      pieces: found.map((item) =>
        'frame' in item ? { bytes: item.bytes, says: wire.describeFrame(item.frame) } : { bytes: item.bad },
      ),
    };
  },
  finders: [onbonNetwork, onbonSerial],
  open: async (settings, context) =>
    openCard(await transportFor(settings, context.clock).connect(context.signal), settings, context),
});

/** @throws HallError DEVICE_OTHER when the answer comes from another card than the settings mean. */
function expectSame({ source, deviceType }: wire.Header, { screenNumber, model }: OnbonKSettings): void {
  if (source !== screenNumber)
    throw new HallError('DEVICE_OTHER', { what: 'screenNumber', expected: screenNumber, found: source });
  const found = wire.modelOf(deviceType);
  // Most cards name no model in their answers; those cannot be told apart by it.
  if (model !== undefined && found !== undefined && found !== model)
    throw new HallError('DEVICE_OTHER', { what: 'model', expected: model, found });
}

/** A card at the other end of a connection. @throws as `Driver.open`; the connection is closed then. */
export async function openCard(
  connection: Connection,
  settings: OnbonKSettings,
  context: DriverContext,
): Promise<Device<{ on: boolean; brightness: number; areas: number }>> {
  const { clock, count, log } = context;
  const session = new Session(connection, codec, clock, {
    bad: (why) => count(`bad.${why}`),
    unexpected: () => count('unexpected'),
    bytes: (direction, bytes) => {
      context.bytes?.(direction, bytes);
      if (log.isLevelEnabled('trace')) log.trace({ direction, hex: Buffer.from(bytes).toString('hex') }, 'bytes');
    },
  });
  const inTurn = createTurns();
  const over = new AbortController();
  let failure: Error | undefined;
  /** What the card has acknowledged, and when its areas hide by themselves; undefined before the first picture. */
  let told: { readonly order: Order; readonly areas: Areas; readonly atMs: number; readonly hidesAtMs: number } | undefined;
  let clockAtMs = 0;
  let heardAtMs = 0;

  /** The panel as the card has acknowledged it. */
  let on = true;
  let level = settings.brightness;

  /** @throws HallError DEVICE_REFUSED, DEVICE_CONFUSED, or as the session. */
  async function question(request: wire.Request): Promise<wire.Reply | undefined> {
    count('frames');
    if (flashKinds.has(request.kind)) count('flashWrites');
    const frame = () => wire.toScreen(settings.screenNumber, wire.encodeRequest(request));
    const answer = await session.ask(frame, settings.answerTimeoutMs);
    heardAtMs = clock.machine.nowMs();
    expectSame(answer, settings);
    const reply = wire.parseReply(answer.data);
    if (reply?.kind === 'nack') {
      count('nacks');
      throw new HallError('DEVICE_REFUSED', { command: request.kind, error: reply.error, word: wire.cardErrorOf(reply.error) });
    }
    if (reply) return reply;
    throw new HallError('DEVICE_CONFUSED', { command: request.kind, source: answer.source });
  }

  async function ask(request: wire.Request): Promise<void> {
    const reply = await question(request);
    if (reply?.kind !== 'ack') throw new HallError('DEVICE_CONFUSED', { command: request.kind });
  }

  /** Only partly documented: on, off and brightness are what two of the vendor's programs agree on; the clock is shown, not used. */
  async function look(): Promise<Reading> {
    const reply = await question({ kind: 'status' });
    if (reply?.kind !== 'status') throw new HallError('DEVICE_CONFUSED', { command: 'status' });
    const { status } = reply;
    const clockBytes = Buffer.from(status.assumed.clock).toString('hex');
    return { on: status.on, brightness: percentOf(status.brightness), seen: { clock: clockBytes, areas: status.areaCount } };
  }

  async function setPower(next: boolean): Promise<void> {
    await ask({ kind: 'power', on: next });
    on = next;
  }
  async function setLevel(next: number): Promise<void> {
    await ask({ kind: 'brightness', mode: 'fixed', level: next, levels: Array.from({ length: 48 }, () => next) });
    level = next;
  }
  const levelOf = ({ brightness }: Panel): number =>
    brightness === undefined ? settings.brightness : Math.round((brightness * MOST_LEVEL) / 100);

  /** Dark before the picture goes, light when the next is there: what was shown before is never lit for a moment. */
  async function showAll(order: Order, areas: Areas): Promise<void> {
    const { panel } = order;
    if (!panel.on && on) await setPower(false);
    if (levelOf(panel) !== level) await setLevel(levelOf(panel));
    await send(order, areas);
    if (panel.on && !on) await setPower(true);
  }

  async function setClock(): Promise<void> {
    await ask({ kind: 'set_clock', time: context.localTime() });
    clockAtMs = clock.machine.nowMs();
  }

  /** The machine time at which the card is to hide this picture if it hears nothing more. */
  function hideAtMs({ vouchedUntilMs }: Order, nowMs: number): number {
    return Math.min(nowMs + settings.areaTimeoutS * 1000, vouchedUntilMs() ?? Number.POSITIVE_INFINITY);
  }

  /** Whoever stood still wakes up with a picture that was hidden meanwhile: not even for a moment is it to come back. */
  const isTooOld = ({ vouchedUntilMs }: Order, nowMs: number): boolean => (vouchedUntilMs() ?? Number.POSITIVE_INFINITY) <= nowMs;

  /**
   * Sends the whole picture, whatever of it has changed: areas that come in one frame hide at one moment, so no half of a
   * picture is ever left. Where several frames are needed, all count down to the same moment.
   */
  async function send(order: Order, areas: Areas): Promise<void> {
    const before = told;
    const remove = before ? [...before.areas.keys()].filter((id) => !areas.has(id)) : [];
    const atMs = clock.machine.nowMs();
    const goalMs = hideAtMs(order, atMs);
    let hidesAtMs = goalMs;
    for (const [at, part] of partsOf(areas.values(), remove).entries()) {
      const nowMs = clock.machine.nowMs();
      const timeoutS = Math.max(1, Math.ceil((goalMs - nowMs) / 1000));
      hidesAtMs = nowMs + timeoutS * 1000;
      // A card that was told nothing in this session may still hold areas of the one before: begin with a clean sheet.
      await ask(requestFor(part, before || at > 0 ? 0 : 1, timeoutS));
    }
    told = { order, areas, atMs, hidesAtMs };
  }

  /** Between two refreshes, ms: a live picture with a short age is refreshed well within it. */
  const refreshMs = () =>
    Math.min(
      settings.refreshS * 1000,
      told?.order.vouchedUntilMs() === undefined ? Number.POSITIVE_INFINITY : told.order.maxAgeMs / 3,
    );
  const beatMs = () => Math.min(HEARTBEAT_MS, refreshMs());

  function isRefreshDue(nowMs: number): boolean {
    if (!told || told.areas.size === 0 || isTooOld(told.order, nowMs)) return false;
    if (nowMs - told.atMs >= refreshMs() - beatMs() / 2) return true;
    // Vouched for again when the card was about to give up.
    return told.hidesAtMs - nowMs < 2 * beatMs() && hideAtMs(told.order, nowMs) > told.hidesAtMs;
  }

  /** One sign of life, or one piece of upkeep in its place. */
  async function tend(): Promise<void> {
    const nowMs = clock.machine.nowMs();
    if (told && isRefreshDue(nowMs)) {
      await send(told.order, told.areas);
      count('refreshes');
    } else if (nowMs - clockAtMs >= CLOCK_MS) {
      await setClock();
    } else if (nowMs - heardAtMs >= HEARTBEAT_MS / 2) {
      await ask({ kind: 'ping' });
    }
  }

  async function tendUntilClosed(): Promise<void> {
    while (!over.signal.aborted) {
      await clock.machine.sleep(beatMs(), over.signal);
      await inTurn(tend);
    }
  }

  const giveUp = () => void session.close();
  count('flashWrites', 0);
  void session.closed.then(() => over.abort());
  context.signal.addEventListener('abort', giveUp, { once: true });
  try {
    if (context.signal.aborted) giveUp();
    // Who is there comes first: nothing is written to a card that is another one.
    await ask({ kind: 'ping' });
    await setClock();
    await setPower(context.panel().on);
    await setLevel(levelOf(context.panel()));
  } catch (error) {
    await session.close();
    throw error;
  } finally {
    context.signal.removeEventListener('abort', giveUp);
  }
  tendUntilClosed().catch(async (error: unknown) => {
    if (!over.signal.aborted) failure = error instanceof Error ? error : new Error(String(error));
    await session.close();
  });

  return {
    closed: session.closed.then((reason) => failure ?? reason),
    close: () => session.close(),
    read: () => ({ on, brightness: level, areas: told?.areas.size ?? 0 }),
    look: () => inTurn(look),
    act: (act: CommandAct) =>
      inTurn(async () => {
        if (act !== 'clock_set') throw new HallError('ACT_UNSUPPORTED', { act });
        await setClock();
        return { level: 'acknowledged' as const, reading: await look() };
      }),
    show: (order) =>
      inTurn(async (): Promise<ConfirmationLevel> => {
        if (isTooOld(order, clock.machine.nowMs())) return 'none';
        const areas = areasOf(order.scene, settings, told?.areas);
        for (const { text, replaced } of areas.values()) if (replaced.length > 0) context.textReplaced(text, replaced);
        await showAll(order, areas);
        count('areas', areas.size);
        return 'acknowledged';
      }),
  };
}
