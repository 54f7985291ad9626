/** A fact about a broker: what is asked, what can come of it, and how it is found out on a running one. */
import type { TopicName } from '@hall/contracts';
import type { LightLogin } from '../harness/light-mqtt.ts';
import type { RawClient } from './raw-client.ts';

export interface Words {
  readonly zh: string;
  readonly en: string;
}

/** `lacking`: a broker of which this comes true cannot do what others can. */
export interface OutcomeWords extends Words {
  readonly lacking?: true;
}

/** Groups of the page, in order. */
export const groups = {
  connecting: { zh: '连接与身份', en: 'Connections and identity' },
  rules: { zh: '权限', en: 'Rules' },
  delivery: { zh: '传递', en: 'Delivery' },
  retained: { zh: '保留消息', en: 'Retained messages' },
  wills: { zh: '遗嘱', en: 'Last wills' },
  packets: { zh: '报文', en: 'Packets' },
} as const satisfies Record<string, Words>;

/** Where a fact is found out: a running broker, and two agents, a platform and a server that nothing else uses. */
export interface Stage {
  readonly hall: string;
  readonly agents: readonly [Login, Login];
  /** Its client ids may go on after a dot. */
  readonly platform: Login;
  /** The address of a topic of an agent. */
  address(name: TopicName, agent: Login, device?: string): string;
  /** A connection over which nothing was said yet. */
  open(): RawClient;
  /** Connects; tries again while the broker ends the connection at once, as NATS does soon after the former one. @throws Error if it is refused. */
  join(login: Login, more?: Partial<LightLogin>): Promise<RawClient>;
  /** The server, subscribed to these topics of every agent. */
  ears(...names: readonly TopicName[]): Promise<RawClient>;
  /** The server, with no subscription. */
  server(): Promise<RawClient>;
  /** SIGKILL, then a start with what is on the disk. */
  killAndStart(): Promise<void>;
}

export type Login = Pick<LightLogin, 'password' | 'keepAliveS'> & { readonly id: string };

export interface Fact<Outcome extends string = string> extends Words {
  /** Kebab-case, at most 28 characters: agents are named after it. */
  readonly id: string;
  readonly group: keyof typeof groups;
  /** All that can come of it. */
  readonly outcomes: Readonly<Record<Outcome, OutcomeWords>>;
  /** The product works only where one of these comes true. */
  readonly asks?: readonly Outcome[];
  /** What the product does so that it need not rely on it. */
  readonly instead?: Words;
  /** Asked first: some broker takes seconds to do what it does. */
  readonly slow?: true;
  /** Asked after all others, because it takes the broker from them. */
  readonly alone?: true;
  /** Finds it out. @throws Error if the broker does something for which there is no outcome. */
  readonly run: (stage: Stage) => Promise<Outcome>;
}

/** Keeps the outcomes of `run` within those that have words. */
export const fact = <const Outcome extends string>(given: Fact<Outcome>): Fact<Outcome> => given;

/** Whether what came of it is what the product asks; true where it asks nothing. */
export const holds = ({ asks }: Fact, outcome: string): boolean => asks === undefined || asks.includes(outcome);

/** For what a probe did not expect and has no word for. */
export function unexpected(what: string, came: unknown): never {
  throw new Error(`${what}: ${typeof came === 'string' ? came : JSON.stringify(came)}`);
}
