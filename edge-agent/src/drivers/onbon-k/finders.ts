/**
 * Finds Onbon K cards: on networks by asking all cards at once over UDP and each address over TCP, and on serial lines.
 * A card is asked who it is (ping) and how it is (status), nothing else. Which number a card has is not known before, so the
 * question goes to FFFE, "every card answers"; where that stays unanswered, to number 1. Not confirmed on hardware: see
 * SOURCES.md of the codec.
 */
import { onbonK as wire } from '@hall/wire';
import { inParallel } from '../../discovery/parallel.ts';
import type { DeviceFinder, FinderContext, FoundDevice } from '../../discovery/finder.ts';
import { serial } from '../../transports/serial.ts';
import { tcp } from '../../transports/tcp.ts';
import type { Connection } from '../../transports/transport.ts';
import { askByBroadcast, type HeardCard } from './broadcast.ts';
import { meet, type Card } from './meet.ts';

const DRIVER = 'onbon-k';
const MAKER = '仰邦 Onbon';
/** As delivered; the vendor's SDK. */
const TCP_PORT = 5005;
export const UDP_PORT = 5007;
/** A host that is there accepts at once; one that is not never does, ms. */
const CONNECT_MS = 700;
const ANSWER_MS = 1500;
const SERIAL_ANSWER_MS = 700;
/** Half-duplex lines need a moment to turn round. */
const GAP_MS = 20;
const BAUDS = [57_600, 9600] as const;
/** Addresses, and serial ports, asked at once. */
const MOST_ADDRESSES = 32;
const MOST_PORTS = 4;
/** What is known of a card besides its place. */
const described = ({ number, model, shows, evidence }: Card) => ({
  driver: DRIVER,
  maker: MAKER,
  ...(model === undefined ? {} : { model }),
  ...(shows === undefined ? {} : { shows }),
  evidence: [...evidence],
  identity: { screenNumber: number, ...(model === undefined ? {} : { model }) },
});

/** A found device out of what is known of a card and its place. */
function foundAt(
  finder: string,
  place: string,
  where: Record<string, string | number>,
  placedBy: readonly string[],
  card: Card | undefined,
  more: Pick<FoundDevice, 'confidence'> & Partial<Pick<FoundDevice, 'known'>>,
): FoundDevice {
  const { identity, ...said } = described(card ?? { number: wire.addresses.firstScreen, evidence: [] });
  return {
    finder,
    place,
    settings: { ...where, ...(card ? identity : {}) },
    placedBy: [...placedBy],
    ...said,
    ...more,
  };
}

const NETWORK = 'onbon-k-network';

export const networkFinder = (udpPort = UDP_PORT): DeviceFinder => ({
  id: NETWORK,
  title: '仰邦 Onbon K，网络 network',
  async *find(context, signal) {
    const ports = context.ports ?? [TCP_PORT];
    context.toAsk(context.addresses.length);
    const heard = new Map<string, HeardCard>();
    // Those who answer the broadcast are asked first: most cards are found within two seconds.
    for (const card of await askByBroadcast(context, udpPort, ANSWER_MS, signal)) heard.set(card.address, card);
    const order = new Set([...context.addresses.filter((address) => heard.has(address)), ...context.addresses]);

    const known = (host: string, port: number, device: string): FoundDevice =>
      foundAt(NETWORK, `tcp://${host}:${port}`, { transport: 'tcp', host, port }, ['host', 'port'], undefined, {
        confidence: 'sure',
        known: device,
      });
    const lookAt = async (host: string, port: number): Promise<readonly FoundDevice[]> => {
      const device = context.inUse.network(host, port);
      if (device !== undefined) return [known(host, port, device)];
      const connection = await connectWithin(context, host, port, signal);
      const card = connection && (await meet(connection, context, ANSWER_MS, signal));
      if (!card) return [];
      const where = { transport: 'tcp', host, port };
      return [foundAt(NETWORK, `tcp://${host}:${port}`, where, ['host', 'port'], card, { confidence: 'sure' })];
    };
    const work = async (host: string): Promise<readonly FoundDevice[]> => {
      const met = await Promise.all(ports.map((port) => lookAt(host, port)));
      context.asked();
      const found = met.flat();
      const answered = heard.get(host);
      if (found.length > 0 || !answered) return found;
      // It answers datagrams and takes no connection: in use by another program, or its port was changed.
      const [port = TCP_PORT] = ports;
      const where = { transport: 'tcp', host, port };
      const card = { ...answered, evidence: [...answered.evidence, `no answer on TCP port ${ports.join(', ')}`] };
      return [foundAt(NETWORK, `tcp://${host}:${port}`, where, ['host', 'port'], card, { confidence: 'likely' })];
    };
    yield* inParallel(order, MOST_ADDRESSES, work, signal);
  },
});

/** A connection to a host that accepts soon, or none. */
async function connectWithin(
  { clock }: FinderContext,
  host: string,
  port: number,
  signal: AbortSignal,
): Promise<Connection | undefined> {
  const done = new AbortController();
  const late = new AbortController();
  clock.machine.sleep(CONNECT_MS, done.signal).then(
    () => late.abort(),
    () => {},
  );
  try {
    return await tcp(host, port, clock).connect(AbortSignal.any([signal, late.signal]));
  } catch {
    return undefined;
  } finally {
    done.abort();
  }
}

const SERIAL = 'onbon-k-serial';

export const serialFinder: DeviceFinder = {
  id: SERIAL,
  title: '仰邦 Onbon K，串口 serial',
  async *find(context, signal) {
    context.toAsk(context.serialPorts.length);
    const at = (path: string, baud: number, card: Card | undefined, known?: string): FoundDevice =>
      foundAt(SERIAL, `serial:${path}`, { transport: 'serial', path, baud }, card ? ['path', 'screenNumber'] : ['path'], card, {
        confidence: 'sure',
        ...(known === undefined ? {} : { known }),
      });
    const work = async (path: string): Promise<readonly FoundDevice[]> => {
      try {
        const device = context.inUse.serial(path);
        if (device !== undefined) return [at(path, BAUDS[0], undefined, device)];
        for (const baud of BAUDS) {
          if (signal.aborted) return [];
          const line = serial({ path, baud, gapMs: GAP_MS }, context.clock);
          const card = await meet(await line.connect(signal), context, SERIAL_ANSWER_MS, signal);
          if (card) return [at(path, baud, { ...card, evidence: [`${baud} baud`, ...card.evidence] })];
        }
        return [];
      } catch (error) {
        // In use by another program, or gone.
        context.log.debug({ path, error }, 'serial port cannot be opened');
        return [];
      } finally {
        context.asked();
      }
    };
    yield* inParallel(
      context.serialPorts.map(({ path }) => path),
      MOST_PORTS,
      work,
      signal,
    );
  },
};

export const onbonNetwork: DeviceFinder = networkFinder();
export const onbonSerial: DeviceFinder = serialFinder;
