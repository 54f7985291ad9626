/**
 * The fault table: what can go wrong, what must come of it, and what shows that it does. `docs/faults.md` is made from it; a test
 * holds that everything named here exists, and the promise `fault-table` runs it.
 */
export interface ShownByTest {
  /** File of the test, from the root of the repository. */
  readonly file: string;
  /** Its title, or the constant beginning of it. */
  readonly title: string;
}

export interface ShownByPromise {
  readonly area: 'hall' | 'fleet';
  readonly promise: string;
}

export interface FaultRow {
  readonly id: string;
  readonly zh: string;
  readonly en: string;
  readonly outcome: { readonly zh: string; readonly en: string };
  readonly shownBy: readonly (ShownByTest | ShownByPromise)[];
  /** What of it waits for something the product does not have yet. */
  readonly later?: { readonly zh: string; readonly en: string };
}

const test = (file: string, title: string): ShownByTest => ({ file, title });
const promise = (area: ShownByPromise['area'], name: string): ShownByPromise => ({ area, promise: name });

const driverTests = 'edge-agent/src/drivers/onbon-k/driver.integration.test.ts';
const driverUnit = 'edge-agent/src/drivers/onbon-k/driver.test.ts';

export const faultTable: readonly FaultRow[] = [
  {
    id: 'F01',
    zh: '服务器进程被强制结束（kill -9）',
    en: 'kill -9 of the server at any moment',
    outcome: {
      zh: '已确认的事件一个不丢、不重复；画面不变或如实陈旧；重启后与模型一致',
      en: 'No acknowledged event lost or doubled; screens unchanged or honestly stale; equal to the model afterwards.',
    },
    shownBy: [
      promise('hall', 'kill-9'),
      test('e2e/kill.test.ts', 'after five kills at random points nothing is lost'),
      test('hall-server/src/platform/store/crash.integration.test.ts', 'nothing acknowledged is lost over'),
    ],
  },
  {
    id: 'F02',
    zh: '边缘代理进程被强制结束',
    en: 'kill -9 of an agent at any moment',
    outcome: {
      zh: '重启后画面正确，发件箱记录不丢不重',
      en: 'Screens right after its start; records of the outbox neither lost nor doubled.',
    },
    shownBy: [
      promise('hall', 'kill-9'),
      test('edge-agent/src/store/store.integration.test.ts', 'killed at any moment, it has lost nothing that was answered'),
    ],
  },
  {
    id: 'F03',
    zh: '消息服务（broker）被结束，其中数据清空',
    en: 'The broker ends and comes back empty',
    outcome: {
      zh: '重连后由服务器重新填满，下一次呼叫正常到达',
      en: 'It is filled again from the server and the next call arrives.',
    },
    shownBy: [test('e2e/brokers.test.ts', 'killed and empty, it is filled again')],
  },
  {
    id: 'F04',
    zh: '服务器、代理同时被强制结束',
    en: 'kill -9 of all at once',
    outcome: { zh: '同 F01、F02', en: 'As F01 and F02.' },
    shownBy: [promise('hall', 'kill-9'), promise('fleet', 'nemesis')],
  },
  {
    id: 'F05',
    zh: '数据库升级途中被结束',
    en: 'Killed while the database is being migrated',
    outcome: {
      zh: '要么旧版要么新版，绝无中间状态',
      en: 'The old version or the new one, never between; the next start goes on.',
    },
    shownBy: [
      test('hall-server/src/platform/store/migrate.integration.test.ts', 'after each of'),
      test(
        'hall-server/src/platform/store/crash.integration.test.ts',
        'a migration cut off anywhere leaves the version before it',
      ),
    ],
  },
  {
    id: 'F06',
    zh: '素材下载和切换途中被结束',
    en: 'Killed while media are downloaded and swapped',
    outcome: { zh: '缓存要么旧的一整套要么新的一整套', en: 'The cache holds the old set or the new set, whole.' },
    shownBy: [],
    later: { zh: '尚无素材下载', en: 'There are no media yet.' },
  },
  {
    id: 'F07',
    zh: '服务器提交时断电',
    en: 'Power cut of the server during commits',
    outcome: { zh: '已确认的事件一个不丢，数据库完好', en: 'No acknowledged event lost, the database sound.' },
    shownBy: [
      promise('hall', 'power-cut'),
      test('e2e/power-cut.test.ts', 'after a power cut at any moment every acknowledged event'),
    ],
  },
  {
    id: 'F08',
    zh: '代理提交时断电',
    en: 'Power cut of an agent during commits',
    outcome: {
      zh: '代理说过自己持有的记录和文档都在盘上，编号不会用两次',
      en: 'What it has said it holds is on its disk; no number is given to two records.',
    },
    shownBy: [
      promise('fleet', 'agent-power-cut'),
      test('e2e/power-cut.test.ts', 'after a power cut at any moment an agent holds what it has told'),
    ],
  },
  {
    id: 'F09',
    zh: '写盘失败（fsync 返回 EIO）',
    en: 'fsync fails with EIO',
    outcome: {
      zh: '立即停止确认，进程以 STORE_FAILED 结束，重启后已确认的都在；绝不悄悄重试后谎报成功',
      en: 'Nothing more is acknowledged, the server ends with STORE_FAILED, what was acknowledged is there after the restart; no later success is believed.',
    },
    shownBy: [test('hall-server/src/failing-disk.integration.test.ts', 'a disk whose fsync fails')],
  },
  {
    id: 'F10',
    zh: '服务器磁盘写满',
    en: 'Disk full at the server',
    outcome: {
      zh: '503 并给出重试时间，不存半条，读取照常，有空间后自行恢复',
      en: '503 with a time to come back, nothing half-written, reads go on, resumes by itself.',
    },
    shownBy: [test('hall-server/src/disk-full.integration.test.ts', 'when %s, events are refused whole')],
  },
  {
    id: 'F11',
    zh: '代理磁盘写满',
    en: 'Disk full at an agent',
    outcome: {
      zh: '新的呼叫照常显示，记录在内存中等待（有上限），状态报告“存储已满”，有空间后按顺序写入并上报',
      en: 'New calls are shown, records wait in bounded memory, the status says that the store is full; with space they are stored and told in order.',
    },
    shownBy: [
      test('edge-agent/src/full-disk.integration.test.ts', 'on a full disk the strip shows every call'),
      test('edge-agent/src/store/health.test.ts', 'the outcome of writes says how the store is'),
    ],
    later: { zh: '素材缓存的淘汰随素材提供', en: 'Giving up cached media comes with media.' },
  },
  {
    id: 'F12',
    zh: '文件描述符用尽',
    en: 'Out of file descriptors',
    outcome: {
      zh: '拒绝新连接，已有连接照常，释放后自行恢复',
      en: 'New connections are refused, what stands goes on, all is well afterwards.',
    },
    shownBy: [test('hall-server/src/descriptors.integration.test.ts', 'out of descriptors')],
  },
  {
    id: 'F13',
    zh: '服务器数据库损坏',
    en: 'Damaged database of the server',
    outcome: {
      zh: '启动时指名拒绝，文件原样保留，绝不悄悄空库启动',
      en: 'The start is refused by name and the file stays; never a silent empty start.',
    },
    shownBy: [test('hall-server/src/failing-disk.integration.test.ts', 'a damaged store is never begun anew in silence')],
    later: { zh: '从备份恢复随备份功能提供', en: 'Restoring the newest good copy comes with backups.' },
  },
  {
    id: 'F14',
    zh: '代理本地数据损坏',
    en: 'Damaged store of an agent',
    outcome: {
      zh: '损坏的内容绝不显示：丢弃并计数，由服务器重新下发；发件箱留下缺失记录；结构损坏的文件改名保留',
      en: 'Nothing damaged is believed: it is dropped, counted and sent again by the server; the outbox tells a gap; a file of damaged structure is set aside by its name.',
    },
    shownBy: [
      test('edge-agent/src/store/damage.integration.test.ts', 'damaged at a thousand places'),
      test('edge-agent/src/store/damage.integration.test.ts', 'a store with a damaged text starts'),
      test('edge-agent/src/store/store.integration.test.ts', 'a damaged file is set aside and a new one begun'),
    ],
  },
  {
    id: 'F15',
    zh: '消息服务正常重启',
    en: 'Graceful restart of server and broker',
    outcome: { zh: '画面不变，重连后下一次呼叫正常', en: 'No screen changes; the next call arrives after the reconnect.' },
    shownBy: [test('e2e/messaging.test.ts', 'of the server: what was accepted is still there')],
  },
  {
    id: 'F16',
    zh: '服务器与代理之间断网（无任何通知）10 秒至 8 小时',
    en: 'Server and agent parted without a word, 10 s to 8 h',
    outcome: {
      zh: '30 秒后显示中性文字；恢复后 3 秒内正确（8 小时为 10 秒），只画最新一次呼叫',
      en: 'Neutral text after 30 s; right within 3 s of the healing (10 s after 8 h); only the newest calls are drawn.',
    },
    shownBy: [
      promise('fleet', 'partitions'),
      promise('fleet', 'long-partitions'),
      test('e2e/partition.test.ts', 'an agent cut off for 5 minutes'),
    ],
  },
  {
    id: 'F17',
    zh: '网络丢包 10 % 和 40 %',
    en: '10 % and 40 % of all packets lost',
    outcome: { zh: '呼叫都到达，10 % 时 p99 ≤ 2 秒，不重复', en: 'Calls arrive, p99 within 2 s at 10 %, none twice.' },
    shownBy: [promise('fleet', 'lossy-network')],
  },
  {
    id: 'F18',
    zh: '半开连接（对端无声消失）',
    en: 'Half-open connection: the peer vanished without a word',
    outcome: { zh: '代理在 1.5 倍保活时间内发现并重连', en: 'Noticed within 1.5 times the keep-alive, and connected again.' },
    shownBy: [promise('fleet', 'partitions'), promise('fleet', 'nemesis')],
  },
  {
    id: 'F19',
    zh: '64 kbit/s 慢速线路，500 毫秒队列',
    en: 'A line of 64 kbit/s with a queue of 500 ms',
    outcome: { zh: '呼叫 p99 ≤ 3 秒', en: 'Calls arrive, p99 within 3 s.' },
    shownBy: [promise('fleet', 'slow-network')],
    later: { zh: '与大素材下载并行的部分随素材提供', en: 'Beside a large download comes with media.' },
  },
  {
    id: 'F20',
    zh: '域名解析失败，或服务器地址改变',
    en: 'The name service fails, or the address of the server changes',
    outcome: {
      zh: '代理使用上次可用的地址（重启后仍然），每次连接都重新解析，不崩溃',
      en: 'The agent uses the address that worked last, over a restart too; the name is asked anew at every connect; no crash.',
    },
    shownBy: [
      test('edge-agent/src/agent.integration.test.ts', 'a name service that fails, or leads elsewhere'),
      test('edge-agent/src/agent.integration.test.ts', 'a name that was never resolved is tried again and again'),
      test('edge-agent/src/uplink/server-address.test.ts', 'a server that has moved is followed'),
    ],
  },
  {
    id: 'F21',
    zh: '时钟突然拨快',
    en: 'A clock is set forwards',
    outcome: {
      zh: '连接、租约和画面都不受影响，报告时钟偏差',
      en: 'No connection, lease or picture takes notice; the skew is told.',
    },
    shownBy: [
      test('e2e/clock-steps.test.ts', 'a day forwards and back on the injected clock'),
      test('edge-agent/src/time/discipline.test.ts', 'a wall clock that is set shows as skew at once'),
    ],
  },
  {
    id: 'F22',
    zh: '时钟突然拨慢',
    en: 'A clock is set back',
    outcome: {
      zh: '同 F21；同一时刻不会出现两次，每日清零不重复',
      en: 'As F21; no moment comes twice, and no daily reset.',
    },
    shownBy: [
      test('e2e/clock-steps.test.ts', 'a day forwards and back on the injected clock'),
      test('edge-agent/src/time/trust.test.ts', 'whatever the clocks say at a start, hall time never lies before what was seen'),
      test(
        'hall-server/src/features/facts/business-days.test.ts',
        'a day that the platform has begun, or a later one, is left alone',
      ),
    ],
  },
  {
    id: 'F23',
    zh: '开机时时钟为 1970 年或 2038 年以后（电池没电）',
    en: 'The clock says 1970, or a year after 2038, at the start (dead battery)',
    outcome: {
      zh: '报告“时间不可信”，只显示确定的内容，服务器告知时间后恢复',
      en: 'Says that the time is not trusted, shows only what is certain, and all of it when the server has told the time.',
    },
    shownBy: [
      test('edge-agent/src/wrong-clock.integration.test.ts', 'an agent that starts with a clock of'),
      test('edge-agent/src/time/trust.test.ts', 'a wall clock at %s is not'),
    ],
  },
  {
    id: 'F24',
    zh: '夏令时、午夜、闰日、跨年',
    en: 'Change of clocks, midnight, leap day, end of the year',
    outcome: { zh: '每日清零恰好一次，时刻表无缺口无重叠', en: 'The daily reset exactly once; schedules without gap or double.' },
    shownBy: [
      test('hall-model/src/calendar.test.ts', 'a wall time is what the zone says, and a day begins once'),
      test('hall-model/src/calendar.test.ts', 'in spring a shift that ends in the skipped hour ends with the skip'),
      test('hall-server/src/features/facts/business-days.test.ts', 'the server begins a day once'),
      test('hall-server/src/features/facts/business-days.test.ts', 'at midnight the tickets of the day before leave'),
    ],
  },
  {
    id: 'F25',
    zh: '串口拔出再插回',
    en: 'Serial adapter unplugged and plugged in again',
    outcome: {
      zh: '5 秒内发现，插回 2 秒内完整重显',
      en: 'Noticed within 5 s, the whole picture back within 2 s of its return.',
    },
    shownBy: [promise('hall', 'driver-links'), test(driverTests, 'an unplugged strip is noticed within 5 s')],
  },
  {
    id: 'F26',
    zh: '设备不断拒绝、乱码、回声、校验错误',
    en: 'A device that refuses, babbles, echoes, or damages its answers',
    outcome: {
      zh: '有限重试、逐渐放慢，其他设备不受影响，恢复后显示最新画面',
      en: 'Bounded retries ever more slowly, other devices unaffected, the newest picture on recovery.',
    },
    shownBy: [
      test(driverTests, 'a storm of refusals ends the link'),
      test(driverTests, 'answers cut in the middle cost a reconnect, not the picture'),
      test(driverUnit, 'coming back on a badly wired line is not an answer'),
      promise('fleet', 'nemesis'),
    ],
  },
  {
    id: 'F27',
    zh: '设备迟缓或停住',
    en: 'A slow or frozen device',
    outcome: {
      zh: '只保留最新画面，从不排队，其他屏不受影响',
      en: 'Only the newest picture waits; other screens are unaffected.',
    },
    shownBy: [
      test(driverTests, 'a slow card gets the newest picture'),
      test(driverUnit, 'a silent card is noticed within 5 s by the heartbeat'),
    ],
  },
  {
    id: 'F28',
    zh: '控制卡重启，内存内容丢失',
    en: 'A card restarts and has lost what was in its memory',
    outcome: {
      zh: '发现后 5 秒内重发（无从发现的线路 30 秒内）',
      en: 'Sent again within 5 s where it can be noticed, within 30 s where it cannot.',
    },
    shownBy: [
      promise('hall', 'driver-links'),
      test(driverTests, 'a card that lost its power has its areas back within 5 s'),
      test(driverUnit, 'a card that lost its power for less than a heartbeat'),
    ],
  },
  {
    id: 'F29',
    zh: '设备应答为其他型号或地址',
    en: 'A device answers as another model or address',
    outcome: {
      zh: '只询问，不写入任何内容，指出原因',
      en: 'It is asked who it is and told nothing; the cause is named.',
    },
    shownBy: [test('e2e/discovery.test.ts', 'another model in its place is asked who it is, told nothing')],
  },
];
