/** One MQTT connection to a broker, byte by byte: it does what it is told, also what no client should. */
import { connect } from 'node:net';
import { systemClock } from '@hall/contracts';
import {
  connectPacket,
  DISCONNECT,
  eachPacket,
  publishPacket,
  subscribePacket,
  takePublish,
  type LightLogin,
  type Published,
} from '../harness/light-mqtt.ts';

/** For what must come; only a broker that is in trouble takes so long. */
const PATIENCE_MS = 30_000;
/** For what may not come: so long nothing means that nothing comes. */
const QUIET_MS = 3000;

const { machine } = systemClock();

/** Types of packets that carry an answer, MQTT 3.1.1 §2.2.1. */
const answers = { connack: 2, puback: 4, pubrec: 5, pubcomp: 7, suback: 9 } as const;
export type AnswerName = keyof typeof answers;
const answerNames = Object.keys(answers) as AnswerName[];
const PUBLISH = 3;

/** How an act that asks for an answer gets none: the connection ends, or nothing comes within the patience. */
export type NoAnswer = 'ended' | 'silent';
/** Body of the answer, or none. */
export type Answer = Buffer | NoAnswer;

export interface RawClient {
  /** What was published to it, in order. */
  readonly heard: readonly Published[];
  readonly isEnded: boolean;
  send(bytes: Uint8Array): void;
  /** The first answer of these types that was not taken yet; with this packet id, if one is named. */
  answer(
    names: readonly AnswerName[],
    packetId?: number,
  ): Promise<{ readonly name: AnswerName; readonly body: Buffer } | NoAnswer>;
  connect(login: LightLogin): Promise<Answer>;
  /** The code of each filter (§3.9.3), or how there was none. */
  subscribe(...filters: readonly string[]): Promise<readonly number[] | NoAnswer>;
  publish(topic: string | Uint8Array, payload: string | Uint8Array, retain?: boolean): Promise<Answer>;
  /** A message that fits; undefined when none comes, for which `quiet` waits less. */
  hears(fits: (message: Published) => boolean, wait?: 'quiet'): Promise<Published | undefined>;
  /** How long the connection stays open from now on, ms; at most `mostMs`. */
  lasts(mostMs: number): Promise<number>;
  /** DISCONNECT; resolves when the broker has closed. */
  leave(): Promise<void>;
  /** Ends the connection without a word. */
  drop(): void;
}

/** Opens a connection; nothing is said yet. */
export function openRaw(url: string): RawClient {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  const heard: Published[] = [];
  const came: { readonly name: AnswerName; readonly body: Buffer }[] = [];
  const watchers = new Set<() => void>();
  let isEnded = false;
  let packetId = 0;
  const look = () => {
    for (const watcher of watchers) watcher();
  };
  eachPacket(socket, (first, body) => {
    const name = answerNames.find((one) => answers[one] === first >> 4);
    if (name) came.push({ name, body });
    else if (first >> 4 === PUBLISH) heard.push(takePublish(socket, first, body));
    look();
  });
  socket.on('error', () => {});
  socket.once('close', () => {
    isEnded = true;
    look();
  });

  /** What `find` finds, as soon as it does; else undefined when the connection has ended or the time is over. */
  const until = <T>(find: () => T | undefined, withinMs: number): Promise<T | undefined> =>
    new Promise((resolve) => {
      const over = new AbortController();
      const end = (found: T | undefined) => {
        watchers.delete(watcher);
        over.abort();
        resolve(found);
      };
      const watcher = () => {
        const found = find();
        if (found !== undefined || isEnded) end(found);
      };
      watchers.add(watcher);
      machine.sleep(withinMs, over.signal).then(
        () => end(find()),
        () => {},
      );
      watcher();
    });
  const answer: RawClient['answer'] = async (names, id) => {
    const fits = ({ name, body }: (typeof came)[number]) =>
      names.includes(name) && (id === undefined || body.readUInt16BE(0) === id);
    const found = await until(() => came.find(fits), PATIENCE_MS);
    if (found === undefined) return isEnded ? 'ended' : 'silent';
    came.splice(came.indexOf(found), 1);
    return found;
  };
  const bodyOf = async (name: AnswerName, id?: number): Promise<Answer> => {
    const found = await answer([name], id);
    return typeof found === 'string' ? found : found.body;
  };
  return {
    heard,
    get isEnded() {
      return isEnded;
    },
    send: (bytes) => void socket.write(bytes),
    answer,
    connect: (login) => {
      socket.write(connectPacket(login));
      return bodyOf('connack');
    },
    subscribe: async (...filters) => {
      socket.write(subscribePacket(filters));
      const body = await bodyOf('suback');
      return typeof body === 'string' ? body : [...body.subarray(2)];
    },
    publish: (topic, payload, retain = false) => {
      packetId += 1;
      socket.write(publishPacket(topic, payload, packetId, retain));
      return bodyOf('puback', packetId);
    },
    hears: (fits, wait) => until(() => heard.find(fits), wait === 'quiet' ? QUIET_MS : PATIENCE_MS),
    lasts: async (mostMs) => {
      const fromMs = machine.nowMs();
      await until(() => undefined, mostMs);
      return machine.nowMs() - fromMs;
    },
    leave: async () => {
      socket.write(DISCONNECT);
      await until(() => undefined, PATIENCE_MS);
      socket.destroy();
    },
    drop: () => void socket.destroy(),
  };
}
