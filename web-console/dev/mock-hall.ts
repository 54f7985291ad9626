/** Made-up windows, devices and events for the pretend hall. */
import { requests, security } from './mock-fleet.ts';
import { systemClock } from '@hall/contracts';
import type {
  AgentView,
  AuditRow,
  Changes,
  DeviceView,
  EventRow,
  HallContent,
  Overview,
  PersonView,
  Trace,
  WindowView,
} from '@hall/contracts';

const departments = [
  ['tax', '税务局', 'Tax Office'],
  ['police', '公安局', 'Public Security'],
  ['market', '市场监督管理局', 'Market Supervision'],
  ['social', '人力资源和社会保障局', 'Human Resources and Social Security'],
  ['land', '自然资源局', 'Natural Resources'],
] as const;
const services = [
  ['invoice', '发票领用', 'Invoices', 'tax', 'A'],
  ['hukou', '户籍业务', 'Household registration', 'police', 'B'],
  ['licence', '营业执照', 'Business licence', 'market', 'C'],
  ['pension', '养老保险', 'Pension insurance', 'social', 'D'],
  ['estate', '不动产登记', 'Real estate registration', 'land', 'E'],
] as const;
const states = ['serving', 'serving', 'open', 'serving', 'paused', 'serving', 'closed', 'open', 'serving', 'serving'] as const;
const shapes = { open: '○开放', serving: '●办理中', paused: '▲暂停', closed: '■关闭', fault: '※故障', no_data: '◇无数据' };
const ver = (n: number) => ({ gen: '6f1c2a34-0000-4000-8000-000000000000', ver: n });

export function mockHall() {
  const startedAt = Date.now();
  const offset = Date.UTC(2026, 10, 23, 2, 20) - startedAt;
  const hallNow = () => Date.now() + offset;
  let seq = 1000;

  const windowAt = (n: number): WindowView => {
    const at = n % 5;
    const [id, zh, en] = departments[at] ?? departments[0];
    const [service, serviceZh, serviceEn, , prefix] = services[at] ?? services[0];
    const state = n === 7 ? 'fault' : n === 33 ? 'no_data' : (states[n % states.length] ?? 'open');
    const number = String(n).padStart(2, '0');
    const ticket = state === 'serving' ? `${prefix}${String(10 + n).padStart(3, '0')}` : null;
    const odd = n === 18 ? 'offline' : n === 26 ? 'stale' : '';
    const stateText = state === 'paused' ? `${shapes.paused} 约10:40恢复` : shapes[state];
    const names = [zh, '张**', serviceZh];
    const text =
      odd === 'stale' || state === 'no_data'
        ? [number, '请以窗口叫号为准']
        : ticket
          ? [names[0] ?? '', names[1] ?? '', number, serviceZh, ticket, stateText]
          : [names[0] ?? '', names[1] ?? '', number, serviceZh, ...(state === 'paused' ? ['暂离'] : []), stateText];
    return {
      id: `w${number}`,
      number,
      area: 'ABC'[Math.floor((n - 1) / 20)] ?? 'A',
      department: { id, zh, en },
      services: [{ id: service, zh: serviceZh, en: serviceEn }],
      state,
      ticket,
      callNumber: ticket ? 1 : null,
      calledAt: ticket ? hallNow() - n * 7000 : null,
      reason: state === 'paused' ? 'away' : null,
      expectedReturnAt: state === 'paused' ? hallNow() + (n === 24 ? -300_000 : 1_200_000) : null,
      staff: state === 'closed' ? null : '张**',
      changedAt: hallNow() - n * 7000,
      liveSeq: n,
      waiting: (n * 7) % 13,
      strips: [
        {
          device: `strip-${number}`,
          widthPx: 320,
          heightPx: 48,
          link: odd === 'offline' ? 'offline' : 'online',
          level: 'acknowledged',
          freshness: odd === 'stale' || state === 'no_data' ? 'stale' : 'live',
          text,
          current: true,
          confirmedAt: Date.now() - n * 7000,
          latencyMs: 4 + (n % 9) * 1.7,
        },
      ],
    };
  };
  const windows = Array.from({ length: 60 }, (_, at) => windowAt(at + 1));
  const eventAt = (window: WindowView, type: string, data: Record<string, unknown> = {}): EventRow => ({
    seq: (seq += 1),
    id: `evt-${seq}`,
    source: '/platform/demo',
    type,
    subject: `2026-11-23:${window.ticket ?? window.id}`,
    time: hallNow(),
    receivedAt: Date.now(),
    flag: seq % 23 === 0 ? 'late' : null,
    data: { ...(window.ticket && { ticket: window.ticket }), window: window.id, ...data },
  });
  const events: EventRow[] = windows.slice(0, 60).map((window) => eventAt(window, 'ticket.called', { callNumber: 1 }));

  const settings = {
    type: 'object',
    required: ['host'],
    properties: {
      host: { type: 'string', title: 'Address', minLength: 1, maxLength: 64 },
      port: { type: 'integer', minimum: 1, maximum: 65_535, default: 5005 },
      lengthConvention: {
        anyOf: [
          { const: 'whole', title: '含包头' },
          { const: 'data', title: '仅数据' },
        ],
      },
      heartbeatMs: {
        type: 'integer',
        minimum: 500,
        default: 2000,
        description: 'How often the card is asked whether it is there.',
      },
      flip: { type: 'boolean' },
    },
  };
  const agents: AgentView[] = ['edge-a', 'edge-b', 'edge-c'].map((id, at) => ({
    id,
    presence: at === 2 ? 'lost' : 'online',
    since: Date.now() - 3_600_000 * (at + 1),
    version: '0.1.0',
    drivers: [{ id: 'onbon-k', title: 'Onbon BX-5K/6K', reaches: 'acknowledged', settings }],
    devices: 20,
    outboxAck: 1200 + at,
    addedAt: Date.now() - 86_400_000 * 9,
    status: {
      epoch: 'e',
      seq: 9,
      at: Date.now(),
      version: '0.1.0',
      uptimeS: 3600,
      memory: { rssBytes: 90_000_000, heapBytes: 30_000_000 },
      loop: { worstMs: 20, stalls: 0 },
      disk: { freeBytes: 12_000_000_000, totalBytes: 32_000_000_000 },
      store: 'ok',
      clock: { trust: 'told', skewMs: at === 1 ? 4200 : 12, errorMs: 3, highestMs: Date.now() },
      outbox: { tail: 0, head: 1200, count: 0, bytes: 0, oldestAt: 0, percent: 0 },
      documents: { devices: 20, fellBack: [] },
      counters: {},
    },
    statusAt: Date.now() - 12_000,
    conditions: at === 1 ? [{ type: 'clock_skew', since: Date.now() - 600_000 }] : [],
  }));
  const devices: DeviceView[] = windows.map((window, at) => {
    const strip = window.strips[0];
    const behind = at % 17 === 5;
    return {
      id: `strip-${window.number}`,
      name: `${window.number} 号窗口屏`,
      agent: agents[Math.floor(at / 20)]?.id ?? 'edge-a',
      agentPresence: agents[Math.floor(at / 20)]?.presence ?? 'online',
      driver: 'onbon-k',
      desired: ver(4),
      applied: ver(behind ? 3 : 4),
      difference: behind ? ['version', 'plan'] : [],
      differenceSince: behind ? Date.now() - 45_000 : null,
      settings: { host: `10.0.3.${at + 10}`, port: 5005 },
      reported: {
        epoch: 'e',
        seq: 9,
        at: Date.now() - 4000,
        applied: ver(4),
        link: strip?.link === 'offline' ? 'offline' : 'online',
        since: Date.now() - 900_000,
        ...(strip?.link === 'offline' && { error: 'DEVICE_TIMEOUT' }),
        screen: {
          hash: 'ab'.repeat(32),
          text: strip?.text ?? [],
          freshness: 'live',
          level: 'acknowledged',
          decidedAt: Date.now() - 20_000,
          fields: {},
        },
        counters: { framesSent: 1234 + at, flashWrites: 0, reconnects: at % 3 },
      },
      reportedAt: Date.now() - 4000,
    };
  });
  const week = [0, 1, 2, 3, 4].map(() => [
    { from: '09:00', to: '12:00' },
    { from: '13:30', to: '17:00' },
  ]);
  const content: HallContent = {
    settings: {
      zh: '临江市政务服务中心',
      en: 'Linjiang Service Hall',
      staffNamePolicy: 'surname',
      liveMaxAgeS: 30,
      safeAfterS: 300,
      feedMaxAgeS: 60,
    },
    calendar: {
      zone: 'Asia/Shanghai',
      week: [...week, [], []],
      tailMinutes: 30,
      lunchWindows: ['w01'],
      holidays: [{ day: '2027-01-01', name: '元旦' }],
      makeUpDays: [],
      windowHours: [{ window: 'w02', weekday: 5, shifts: [{ from: '09:00', to: '12:00' }] }],
    },
    departments: departments.map(([id, zh, en]) => ({ id, zh, en })),
    services: services.map(([id, zh, en, department, prefix]) => ({ id, zh, en, department, prefix })),
    staff: [{ id: 's001', name: '张丽', number: '012', department: 'tax' }],
    windows: windows.map(({ id, number, area, department, services: held }) => ({
      id,
      number,
      ...(area !== undefined && { area }),
      department: department.id,
      services: held.map((service) => service.id),
    })),
    devices: devices.map(({ id, name, agent, driver, settings: given }, at) => ({
      id,
      name,
      agent,
      driver,
      settings: given,
      screen: { template: 'window-strip', widthPx: 320, heightPx: 48, window: windows[at]?.id ?? 'w01' },
    })),
  };
  const people: PersonView[] = [
    {
      name: 'admin',
      display: '王主任',
      roles: ['administrator', 'manager'],
      disabled: false,
      lockedUntil: null,
      createdAt: startedAt,
      lastSignInAt: startedAt,
    },
    {
      name: 'li.na',
      display: '李娜',
      roles: ['operator'],
      disabled: false,
      lockedUntil: Date.now() + 800_000,
      createdAt: startedAt,
      lastSignInAt: startedAt,
    },
    {
      name: 'old',
      display: '赵六',
      roles: ['editor'],
      disabled: true,
      lockedUntil: null,
      createdAt: startedAt,
      lastSignInAt: null,
    },
  ];
  const audit: AuditRow[] = Array.from({ length: 30 }, (_, at) => ({
    seq: 30 - at,
    at: Date.now() - at * 60_000,
    person: at % 4 === 0 ? 'li.na' : 'admin',
    action: at % 4 === 0 ? 'session.create' : 'content.change',
    object: `version ${30 - at}`,
    outcome: 'done',
    details: { changes: { windows: { changed: ['w01'] } } },
    hash: 'c0ffee'.repeat(10),
  }));

  const hall = {
    content,
    people,
    feedFresh: true,
    hallView: (): Overview['hall'] => ({
      id: 'dev',
      zh: content.settings.zh,
      en: content.settings.en ?? '',
      hallMs: hallNow(),
      speed: 1,
      zone: 'Asia/Shanghai',
      phase: 'open',
      nextChangeAt: Date.UTC(2026, 10, 23, 4),
      simulation: true,
    }),
    feed: (): Overview['feed'] => ({
      fresh: hall.feedFresh,
      lastEventAt: hall.feedFresh ? Date.now() - 900 : Date.now() - 95_000,
      lagMs: 12,
      accepted: seq,
      duplicate: 3,
      quarantined: 2,
      flagged: 4,
      gaps: 0,
    }),
    queues: () =>
      services.map(([service, zh, en], at) => ({
        service,
        zh,
        en,
        waiting: 31 - at * 7,
        next: [`${'ABCDE'[at]}031`, `${'ABCDE'[at]}032`],
      })),
    read(key: string, query: URLSearchParams): unknown {
      const trace = /^GET \/(?:events|traces)\/(.+?)(?:\/trace)?$/.exec(key);
      if (trace) return traceOf(events.find(({ id }) => id === trace[1]));
      const reads: Record<string, () => unknown> = {
        'GET /overview': () => ({
          hall: hall.hallView(),
          feed: hall.feed(),
          windows,
          queues: hall.queues(),
          agents: 3,
          agentsOnline: 2,
          screens: 61,
          screensConfirmed: 58,
        }),
        'GET /devices': () => devices,
        'GET /agents': () => agents,
        'GET /enrolments': () => requests(),
        'GET /security': () => security(agents.map(({ id }) => id)),
        'GET /people': () => people,
        'GET /audit': () => audit,
        'GET /audit/verdict': () => ({ whole: true, rows: 30 }),
        'GET /sessions': () => [
          {
            id: '1',
            createdAt: startedAt,
            lastSeenAt: Date.now(),
            address: '127.0.0.1',
            agent: 'Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36',
            current: true,
          },
          {
            id: '2',
            createdAt: startedAt - 8e7,
            lastSeenAt: Date.now() - 4e6,
            address: '10.0.0.31',
            agent: 'Mozilla/5.0 (Windows NT 10.0) Chrome/139.0 Edg/139.0',
            current: false,
          },
        ],
        'GET /quarantine': () => [
          {
            seq: 2,
            id: 'x-2',
            source: '/platform/demo',
            type: 'ticket.called',
            receivedAt: Date.now() - 50_000,
            code: 'EVENT_REFERENCE_UNKNOWN',
            field: '/data/window',
            reason: 'a window of this hall',
            digest: 'd1'.repeat(32),
          },
          {
            seq: 1,
            id: null,
            source: null,
            type: null,
            receivedAt: Date.now() - 90_000,
            code: 'EVENT_INVALID',
            field: '/data/ticket',
            reason: null,
            digest: 'd2'.repeat(32),
          },
        ],
        'GET /events': () =>
          events
            .filter((row) => !query.get('window') || row.data['window'] === query.get('window'))
            .filter((row) => !query.get('type') || row.type === query.get('type'))
            .filter((row) => query.get('flagged') !== 'true' || row.flag !== null)
            .filter((row) => !query.get('before') || row.seq < Number(query.get('before')))
            .toSorted((a, b) => b.seq - a.seq)
            .slice(0, Number(query.get('limit') ?? 50)),
      };
      return reads[key]?.();
    },
    /** Calls a next ticket somewhere every second. */
    async start(send: (changes: Changes) => void): Promise<never> {
      const { machine } = systemClock();
      let turn = 0;
      const call = (): void => {
        const at = [0, 2, 8, 10, 12][(turn += 1) % 5] ?? 0;
        const held = windows[at];
        const strip = held?.strips[0];
        if (!held?.ticket || !strip) return send({ feed: hall.feed() });
        const ticket = `${held.ticket[0]}${String(Number(held.ticket.slice(1)) + 1).padStart(3, '0')}`;
        const text = strip.text.map((line) => (line === held.ticket ? ticket : line));
        const next: WindowView = {
          ...held,
          ticket,
          calledAt: hallNow(),
          changedAt: hallNow(),
          strips: [{ ...strip, text, confirmedAt: Date.now(), latencyMs: 5 + (turn % 7) }],
        };
        windows[at] = next;
        const event = eventAt(next, 'ticket.called', { callNumber: 1 });
        events.push(event);
        send({ windows: [next], events: [event], feed: hall.feed() });
      };
      for (;;) {
        await machine.sleep(1000);
        call();
      }
    },
  };
  return hall;
}

function traceOf(event: EventRow | undefined): Trace | undefined {
  if (!event) return undefined;
  const at = event.receivedAt;
  return {
    event: event.id,
    type: event.type,
    sourceTime: event.time,
    receivedAt: at,
    committedAt: at + 1.4,
    publishedAt: at + 1.9,
    field: `window/${String(event.data['window'])}`,
    liveSeq: 9,
    screens: [
      {
        device: `strip-${String(event.data['window']).slice(1)}`,
        level: 'acknowledged',
        decidedAt: at + 2.6,
        sentAt: at + 3.1,
        confirmedAt: at + 9.4,
      },
    ],
  };
}
