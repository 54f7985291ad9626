/** What goes down to agents: documents, live fields, welcomes and leases, each from what is committed. */
import type { Clock, HallContent, HallTimeSetting, LiveField, Payload } from '@hall/contracts';
import { devicesIn } from '@hall/model';
import type { Link } from '../../platform/mqtt/link.ts';
import { TABLES, deviceDocument, fieldsByAgent } from './documents.ts';
import type { LiveFields } from './live-fields.ts';
import type { Session } from './sessions.ts';
import type { AgentStore, DocumentRow } from './store.ts';
import type { Traces } from './traces.ts';

export interface OutgoingOptions {
  readonly hall: string;
  readonly gen: () => string;
  readonly clock: Clock;
  readonly hallTime: HallTimeSetting;
  readonly store: Pick<AgentStore, 'documents'>;
  readonly live: LiveFields;
  readonly traces: Pick<Traces, 'published'>;
  readonly content: () => HallContent;
}

/** What an agent holds and shows, comparable as text. */
export interface Shape {
  readonly devices: string;
  readonly fields: string;
}

export interface Outgoing {
  attach(link: Pick<Link, 'send' | 'sendJson'>): void;
  /** Reads documents and fields again after they were written. */
  reload(): void;
  document(agent: string, device: string): DocumentRow | undefined;
  /** Version of the tables document; undefined before there is one. */
  tablesVer(): number | undefined;
  shapeOf(agent: string): Shape;
  tables(agent: string): void;
  /** The desired document of a device; counts as pending until its report. */
  desired(session: Session, device: string): void;
  /** The desired documents that are not in force yet; whether there were any. */
  differing(session: Session): boolean;
  /** All live fields of the agent. */
  fullLive(session: Session): void;
  /** All live fields, unless the agent holds `held` and that is the newest. */
  missingLive(session: Session, held: Payload<'hello'>['applied']['live']): void;
  /** Those of the changed live fields that the agent shows. */
  changedLive(session: Session, changed: readonly LiveField[]): void;
  welcome(agent: string, epoch: string, verdict: Payload<'welcome'>['verdict'], outboxAck: number): void;
  lease(session: Session, fresh: boolean): void;
  outboxAck(agent: string, installId: string, seq: number): void;
  /** Answers a question about the time that came at `receivedMs`, wall time. */
  timeReply(agent: string, request: Payload<'timeRequest'>, receivedMs: number): void;
}

const newestOf = (fields: readonly LiveField[], from: number): number =>
  fields.reduce((head, { seq }) => Math.max(head, seq), from);
/** What is said now is no older than the newest sign of life that was heard. */
const heardBy = ({ beat }: Session) => (beat === undefined ? {} : { heard: beat });
const keyOf = (agent: string, name: string) => `${agent}/${name}`;

export function createOutgoing(options: OutgoingOptions): Outgoing {
  const { hall, gen, clock, hallTime, store, live, traces, content } = options;
  let link: Pick<Link, 'send' | 'sendJson'> | undefined;
  let documents = new Map<string, DocumentRow>();
  let fields = new Map<string, ReadonlySet<string>>();
  const reload = () => {
    documents = new Map(store.documents().map((row) => [keyOf(row.agent, row.name), row]));
    fields = fieldsByAgent(content());
  };
  reload();

  const document = (agent: string, device: string) => documents.get(keyOf(agent, deviceDocument(device)));
  const tables = () => documents.get(keyOf(TABLES.agent, TABLES.name));
  const devicesOf = (agent: string) => devicesIn(content()).of(agent);
  const liveOf = (agent: string) => live.of(fields.get(agent) ?? []);
  const hallNow = () => ({ hallMs: Math.round(clock.hall.nowMs()), speed: hallTime.speed });

  const desired = (session: Session, device: string) => {
    const { agent } = session;
    const row = document(agent, device);
    if (!row) return;
    const sends = (session.pending.get(device)?.sends ?? 0) + 1;
    session.pending.set(device, { sends, lastMs: clock.machine.nowMs() });
    link?.sendJson('desired', { hall, agent, device }, `{"version":{"gen":"${gen()}","ver":${row.ver}},${row.body.slice(1)}`);
  };
  const fullLive = (session: Session) => {
    const own = liveOf(session.agent);
    session.head = newestOf(own, session.head);
    link?.send(
      'live',
      { hall, agent: session.agent },
      {
        gen: gen(),
        after: 0,
        head: session.head,
        full: true,
        ...heardBy(session),
        fields: own,
      },
    );
  };

  return {
    attach: (to) => {
      link = to;
    },
    reload,
    document,
    tablesVer: () => tables()?.ver,
    shapeOf: (agent) => ({
      devices: [...documents.values()]
        .filter((row) => row.agent === agent)
        .map(({ name }) => name)
        .toSorted()
        .join(' '),
      fields: [...(fields.get(agent) ?? [])].join(' '),
    }),
    tables: (agent) => {
      const row = tables();
      if (row) link?.sendJson('tables', { hall, agent }, `{"version":{"gen":"${gen()}","ver":${row.ver}},"tables":${row.body}}`);
    },
    desired,
    differing: (session) => {
      let differs = false;
      for (const { id } of devicesOf(session.agent)) {
        const row = document(session.agent, id);
        const applied = session.applied.get(id);
        if (!row || (applied?.gen === gen() && applied.ver === row.ver)) continue;
        differs = true;
        session.pending.delete(id);
        desired(session, id);
      }
      return differs;
    },
    fullLive,
    missingLive: (session, held) => {
      const newest = newestOf(liveOf(session.agent), 0);
      if (held.gen !== gen() || held.seq !== newest) fullLive(session);
      else session.head = newest;
    },
    changedLive: (session, changed) => {
      const own = fields.get(session.agent);
      const mine = own ? changed.filter(({ key }) => own.has(key)) : [];
      if (mine.length === 0) return;
      const after = session.head;
      session.head = newestOf(mine, after);
      link?.send(
        'live',
        { hall, agent: session.agent },
        {
          gen: gen(),
          after,
          head: session.head,
          full: false,
          ...heardBy(session),
          fields: mine,
        },
      );
      traces.published(mine, clock.wall.nowMs());
    },
    welcome: (agent, epoch, verdict, outboxAck) => {
      const devices = verdict === 'accepted' ? devicesOf(agent).map(({ id }) => id) : [];
      link?.send('welcome', { hall, agent }, { verdict, epoch, gen: gen(), outboxAck, devices, hallTime: hallNow() });
    },
    lease: (session, fresh) =>
      link?.send(
        'lease',
        { hall, agent: session.agent },
        {
          gen: gen(),
          head: session.head,
          fresh,
          ...heardBy(session),
          hallTime: hallNow(),
        },
      ),
    timeReply: (agent, { epoch, number }, receivedMs) => {
      const repliedMs = Math.round(clock.wall.nowMs());
      link?.send('timeReply', { hall, agent }, { epoch, number, receivedMs, repliedMs, hallTime: hallNow() });
    },
    outboxAck: (agent, installId, seq) => link?.send('upack', { hall, agent }, { installId, seq }),
  };
}
