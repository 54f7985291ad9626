/**
 * Leases, changes and documents that are lost, doubled and shuffled on their way: whatever came of them, one birth later the
 * screen is the one the server means. The server's side of that birth is what `features/agents/outgoing.ts` does.
 */
import { FakeClock, type DocumentVersion, type LiveField, type Payload } from '@hall/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stripDocument, tables, windowField } from '../devices/fixture.ts';
import { applyLease, applyLive, emptyLive, type LiveSet } from '../live/live-set.ts';
import { decide, liveFor } from '../screens/decide.ts';
import { isNewer, planOf, type Document } from './reconcile.ts';

const RUNS = 10_000;
const STEP_MS = 400;
const hallMs = new FakeClock().hall.nowMs();
const devices = ['strip-1', 'strip-2'] as const;
const windows = ['w1', 'w2'] as const;

interface Server {
  readonly gen: string;
  readonly head: number;
  readonly fields: ReadonlyMap<string, LiveField>;
  readonly documents: ReadonlyMap<string, Document>;
}
interface Agent {
  live: LiveSet;
  documents: Map<string, Document>;
}
type Message =
  | { readonly is: 'live'; readonly data: Payload<'live'> }
  | { readonly is: 'lease'; readonly data: Payload<'lease'> }
  | { readonly is: 'desired'; readonly data: Document };

/** What happens at the server, and what it says of it. `restore`: a store put back, with a new generation and old numbers. */
const happening = fc.oneof(
  { weight: 6, arbitrary: fc.record({ is: fc.constant('call' as const), window: fc.constantFrom(...windows) }) },
  { weight: 2, arbitrary: fc.record({ is: fc.constant('lease' as const), fresh: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      is: fc.constant('replan' as const),
      device: fc.constantFrom(...devices),
      window: fc.constantFrom(...windows),
    }),
  },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('restore' as const) }) },
);
type Happening = typeof happening extends fc.Arbitrary<infer H> ? H : never;

const called = (window: string, seq: number): LiveField => {
  const field = windowField(`A${String(seq).padStart(3, '0')}`, seq);
  return { ...field, key: `window/${window}`, value: { ...field.value, window } as LiveField['value'] };
};
const documentOf = (device: string, window: string, version: DocumentVersion): Document => {
  const text = JSON.stringify(stripDocument({ driver: 'onbon-k', settings: {} })).replaceAll('w1', window);
  const document = JSON.parse(text) as Document;
  return { ...document, version, device: { ...document.device, id: device } };
};
const leaseOf = ({ gen, head }: Server, fresh: boolean): Payload<'lease'> => ({
  gen,
  head,
  fresh,
  hallTime: { hallMs, speed: 1 },
});
const begin: Server = {
  gen: 'g0',
  head: 0,
  fields: new Map(),
  documents: new Map(devices.map((id, at) => [id, documentOf(id, windows[at] ?? 'w1', { gen: 'g0', ver: 1 })])),
};

function happen(server: Server, one: Happening): { server: Server; said: Message | undefined } {
  if (one.is === 'lease') return { server, said: { is: 'lease', data: leaseOf(server, one.fresh) } };
  if (one.is === 'call') {
    const field = called(one.window, server.head + 1);
    const next = { ...server, head: field.seq, fields: new Map(server.fields).set(field.key, field) };
    const data = { gen: server.gen, after: server.head, head: field.seq, full: false, fields: [field] };
    return { server: next, said: { is: 'live', data } };
  }
  if (one.is === 'replan') {
    const ver = (server.documents.get(one.device)?.version.ver ?? 0) + 1;
    const document = documentOf(one.device, one.window, { gen: server.gen, ver });
    return {
      server: { ...server, documents: new Map(server.documents).set(one.device, document) },
      said: { is: 'desired', data: document },
    };
  }
  const gen = `${server.gen}+`;
  const documents = new Map([...server.documents].map(([id, each]) => [id, { ...each, version: { gen, ver: 1 } }]));
  return { server: { ...server, gen, documents }, said: undefined };
}

function take(agent: Agent, message: Message, nowMs: number): void {
  if (message.is === 'live') agent.live = applyLive(agent.live, message.data, nowMs).set;
  else if (message.is === 'lease') agent.live = applyLease(agent.live, message.data, nowMs).set;
  else {
    const { id } = message.data.device;
    if (isNewer(message.data.version, agent.documents.get(id)?.version)) agent.documents.set(id, message.data);
  }
}

/** What the server says at the birth of a session: the documents that differ, all fields unless nothing differs, and a lease. */
function birth({ gen, head, fields, documents }: Server, agent: Agent): Message[] {
  const differ = [...documents].filter(([id, { version }]) => {
    const applied = agent.documents.get(id)?.version;
    return applied?.gen !== version.gen || applied.ver !== version.ver;
  });
  const newest = agent.live.gen === gen && agent.live.head === head;
  const full = { gen, after: 0, head, full: true, fields: [...fields.values()] };
  return [
    ...differ.map(([, data]) => ({ is: 'desired', data }) as const),
    ...(newest ? [] : [{ is: 'live', data: full } as const]),
    { is: 'lease', data: leaseOf({ gen, head, fields, documents }, true) },
  ];
}

const screensOf = (live: LiveSet, documents: ReadonlyMap<string, Document>, machineMs: number) =>
  devices.map((id) => {
    const document = documents.get(id);
    if (!document) throw new Error(`${id} has no document`);
    const plan = planOf(document);
    if (!plan) throw new Error(`${id} has no plan`);
    const size = { widthPx: plan.widthPx, heightPx: plan.heightPx };
    const moment = { hallMs, machineMs };
    const { drawing, basis } = decide({ plan, size, tables, live: liveFor(plan, live, 0), moment, wallMs: hallMs });
    return { hash: drawing.hash, text: drawing.text, freshness: basis.freshness };
  });

test(`${RUNS} shufflings, doublings and losses of leases, changes and documents end in one screen`, () => {
  const way = fc.record({
    happenings: fc.array(happening, { maxLength: 14 }),
    /** Indices of what arrives, in its order; what is not named is lost. */
    arrivals: fc.array(fc.nat({ max: 13 }), { maxLength: 24 }),
  });
  fc.assert(
    fc.property(way, ({ happenings, arrivals }) => {
      let server = begin;
      const said: Message[] = [];
      for (const one of happenings) {
        const next = happen(server, one);
        server = next.server;
        if (next.said) said.push(next.said);
      }
      const agent: Agent = { live: emptyLive('g0'), documents: new Map(begin.documents) };
      let nowMs = 0;
      for (const at of arrivals) {
        const message = said[at];
        if (message) take(agent, message, (nowMs += STEP_MS));
      }
      for (const message of birth(server, agent)) take(agent, message, (nowMs += STEP_MS));

      let meant = emptyLive(server.gen);
      meant = applyLive(
        meant,
        { gen: server.gen, after: 0, head: server.head, full: true, fields: [...server.fields.values()] },
        nowMs,
      ).set;
      meant = applyLease(meant, leaseOf(server, true), nowMs).set;
      expect(screensOf(agent.live, agent.documents, nowMs)).toEqual(screensOf(meant, server.documents, nowMs));
    }),
    { numRuns: RUNS },
  );
}, 60_000);
