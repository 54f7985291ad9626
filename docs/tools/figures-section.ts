/** The measured figures of the README, from `bench/results/`. */

interface Result {
  readonly quick: boolean;
  readonly runs: number;
  readonly measuredAt: string;
  readonly machine: { readonly processor: string; readonly cores: number; readonly memoryGb: number; readonly node: string };
  readonly figures: ReadonlyArray<{
    readonly name: string;
    readonly value: number | null;
    readonly unit: string;
    readonly goal: string | null;
  }>;
}
export type Results = ReadonlyMap<string, Result>;
type Language = 'zh' | 'en';

/** Which figures a reader of the README is told, and in which words. */
const rows: ReadonlyArray<{ readonly part: string; readonly figure: string; readonly zh: string; readonly en: string }> = [
  ...(['TCP', 'serial'] as const).flatMap((line) => {
    const [zh, en] = line === 'TCP' ? ['TCP', 'TCP'] : ['串口', 'serial'];
    return [
      {
        part: 'calls',
        figure: `${line} 200/s: POST to strip p50`,
        zh: `呼叫到达条屏（${zh}，每秒 200 次），中位数`,
        en: `call to bytes at the strip, ${en}, 200 a second, p50`,
      },
      {
        part: 'calls',
        figure: `${line} 200/s: POST to strip p99`,
        zh: `同上，99 百分位`,
        en: `the same, p99`,
      },
      {
        part: 'calls',
        figure: `${line} 200/s: p99 as a multiple of the floor's`,
        zh: `同上，与裸基线之比`,
        en: `the same, as a multiple of the raw floor's p99`,
      },
    ];
  }),
  {
    part: 'calls',
    figure: 'TCP 2000/s: POST to strip p99',
    zh: '每秒 2000 次、持续 60 秒：最新呼叫到达条屏，99 百分位',
    en: '2,000 a second for 60 s: newest call at its strip, p99',
  },
  { part: 'calls', figure: 'TCP 2000/s: events answered 202 and lost', zh: '同上，丢失', en: 'the same, lost' },
  {
    part: 'slow-disk',
    figure: 'fsync +10 ms, 200/s: POST to strip p99',
    zh: '磁盘每次 fsync 慢 10 ms：呼叫到达条屏，99 百分位',
    en: 'a disk 10 ms slower per fsync: call to strip, p99',
  },
  {
    part: 'intake',
    figure: 'one signed event per request, 256 in flight',
    zh: '持久接收，每请求一个签名事件，256 个并发',
    en: 'durable intake, one signed event per request, 256 in flight',
  },
  {
    part: 'intake',
    figure: 'one signed event per request, 256 in flight: share of the floor that also knows them again',
    zh: '同上，占同样校验签名、去重并防重放的裸基线',
    en: 'the same, share of a raw floor that takes signed events once',
  },
  {
    part: 'intake',
    figure: 'one signed event per request, 256 in flight: share of the floor that checks signatures',
    zh: '同上，占同样校验签名的裸基线',
    en: 'the same, share of a raw floor that checks signatures',
  },
  {
    part: 'intake',
    figure: 'one signed event per request, 256 in flight: share of the floor',
    zh: '同上，占不校验签名的裸基线',
    en: 'the same, share of a raw floor that checks nothing',
  },
  { part: 'intake', figure: 'batches of 250 events', zh: '持久接收，批量', en: 'durable intake, in batches' },
  {
    part: 'bad-clients',
    figure: 'frozen subscriber: longest way of a call to its strip',
    zh: '有订阅者卡死时最慢的一次呼叫',
    en: 'slowest call while a subscriber hangs',
  },
  {
    part: 'bad-clients',
    figure: 'frozen subscriber, stock broker: longest way of a call',
    zh: '同上，未加固的 broker',
    en: 'the same with the broker as its package delivers it',
  },
  {
    part: 'bad-clients',
    figure: 'oversize flood: growth of the server',
    zh: '超大报文洪泛时服务器内存增长',
    en: 'growth of the server under a flood of oversize packets',
  },
  {
    part: 'node-red',
    figure: "200/s: Node-RED's p50 as a multiple of ours",
    zh: '同样工作，Node-RED 的延迟是本系统的（每秒 200 次，中位数）',
    en: "the same job: Node-RED's latency as a multiple of ours, 200 a second, p50",
  },
  {
    part: 'node-red',
    figure: "throughput as a multiple of Node-RED's",
    zh: '同样工作，本系统吞吐量是 Node-RED 的',
    en: "the same job: our throughput as a multiple of Node-RED's",
  },
  {
    part: 'calls',
    figure: 'resident memory idle: server with 60 strips',
    zh: '服务器内存，60 块条屏，空闲',
    en: 'memory of the server, 60 strips, idle',
  },
  {
    part: 'calls',
    figure: 'resident memory at 2000/s: server with 60 strips',
    zh: '同上，每秒 2000 次',
    en: 'the same at 2,000 calls a second',
  },
  {
    part: 'calls',
    figure: 'resident memory idle: largest agent, 15 strips',
    zh: '代理内存，15 块条屏，空闲',
    en: 'memory of an agent, 15 strips, idle',
  },
  {
    part: 'calls',
    figure: 'resident memory at 2000/s: largest agent, 15 strips',
    zh: '同上，每秒 2000 次',
    en: 'the same at 2,000 calls a second',
  },
  {
    part: 'growth',
    figure: 'memory: second slope differs from the first by',
    zh: '每台设备的内存，100 至 1,000 台与 10 至 100 台之差',
    en: 'memory by the device, 100 to 1,000 against 10 to 100: differs by',
  },
  {
    part: 'growth',
    figure: 'processor time: second slope above the first by',
    zh: '每台设备的处理器时间，同上，高出',
    en: 'processor time by the device, the same: more by',
  },
  {
    part: 'fleet',
    figure: 'an agent more, 100 to 1,000: held by the server',
    zh: '每多一个代理，服务器占用的内存（100 至 1,000 个）',
    en: 'memory held by the server for an agent more, 100 to 1,000',
  },
  {
    part: 'fleet',
    figure: '1000 idle agents: share of one core',
    zh: '1,000 个空闲代理占服务器一个核的',
    en: '1,000 idle agents: share of one core of the server',
  },
  {
    part: 'fleet',
    figure: 'an idle agent sends',
    zh: '一个空闲代理每分钟发出',
    en: 'an idle agent sends',
  },
];

const words = {
  zh: { head: ['项目', '实测', '目标'], none: '尚未测量。', from: '全部数据', machine: '核', memory: 'GB 内存' },
  en: { head: ['what', 'measured', 'goal'], none: 'Not measured yet.', from: 'all figures', machine: 'cores', memory: 'GB' },
} as const;

const short = (value: number): string =>
  value >= 1000 ? Math.round(value).toLocaleString('en-US') : String(Math.round(value * 100) / 100);
const sign = (goal: string | null): string => (goal ?? '').replace('<=', '≤').replace('>=', '≥');

/** On which machine and day the parts of the table were measured: a line for each. */
function sourcesOf(results: Results, shown: ReadonlySet<string>, language: Language): string[] {
  const { machine: cores, memory } = words[language];
  const parts = new Map<string, string[]>();
  for (const [part, { machine, measuredAt }] of results) {
    if (!shown.has(part)) continue;
    const { processor, cores: count, memoryGb, node } = machine;
    const source = `${measuredAt.slice(0, 10)} · ${processor}, ${count} ${cores}, ${memoryGb} ${memory}, Node ${node}`;
    parts.set(source, [...(parts.get(source) ?? []), part]);
  }
  return [...parts].map(([source, names]) => `${source}: ${names.join(', ')}`);
}

/** The section as Markdown; rows of parts that were not measured in full are left out. */
export function figuresSection(results: Results, language: Language): string {
  const { head, none, from } = words[language];
  const shown = new Set<string>();
  const lines = rows.flatMap(({ part, figure, ...text }) => {
    const result = results.get(part);
    const found = result?.quick === false ? result.figures.find(({ name }) => name === figure) : undefined;
    if (!found || found.value === null) return [];
    shown.add(part);
    const unit = found.unit === 'x' ? '×' : found.unit;
    return [`| ${text[language]} | ${short(found.value)} ${unit} | ${sign(found.goal)} |`];
  });
  if (lines.length === 0) return none;
  const sources = sourcesOf(results, shown, language).map((source) => `- ${source}`);
  const table = [`| ${head.join(' | ')} |`, '| --- | ---: | --- |', ...lines].join('\n');
  return `\`npm run bench\` · [${from}](bench/results/README.md)\n\n${sources.join('\n')}\n\n${table}`;
}
