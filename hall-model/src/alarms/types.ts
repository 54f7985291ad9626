/** Every type of alarm: its texts for people, how urgent it is, and when it is raised and cleared. `docs/alarms.md` is made from here. */
import { alarmTypeIds, type AlarmTypeId } from '@hall/contracts';

/** Chinese first, as everywhere in the console. */
export interface AlarmText {
  readonly zh: string;
  readonly en: string;
}

export interface AlarmType {
  readonly title: AlarmText;
  /** What visitors see now. */
  readonly seen: AlarmText;
  /** The first thing to do. */
  readonly firstStep: AlarmText;
  /** 1 urgent, 2 high, 3 low. */
  readonly priority: 1 | 2 | 3;
  /** The condition must hold for so long before the alarm is raised, s. */
  readonly delayS: number;
  /** It must be gone for so long before the alarm clears, s. */
  readonly clearS: number;
  /** Nothing is raised while the hall is closed: devices are switched off then. */
  readonly openHoursOnly: boolean;
  /**
   * What this alarm explains: everything below its object, or alarms of these types of its object and of what is below. See
   * `topology.ts` for what is below what.
   */
  readonly folds: 'all_below' | readonly AlarmTypeId[];
  /** An alarm can be put aside for so long at most, h. */
  readonly shelveHours: number;
}

const type = (
  title: readonly [zh: string, en: string],
  seen: readonly [zh: string, en: string],
  firstStep: readonly [zh: string, en: string],
  rule: Pick<AlarmType, 'priority' | 'delayS' | 'clearS'> & Partial<Pick<AlarmType, 'openHoursOnly' | 'folds' | 'shelveHours'>>,
): AlarmType => {
  const text = ([zh, en]: readonly [string, string]): AlarmText => ({ zh, en });
  return {
    title: text(title),
    seen: text(seen),
    firstStep: text(firstStep),
    openHoursOnly: true,
    folds: [],
    shelveHours: 72,
    ...rule,
  };
};

export const alarmTypes: Readonly<Record<AlarmTypeId, AlarmType>> = {
  store_full: type(
    ['服务器磁盘已满', 'The disk of the server is full'],
    [
      '新的呼叫不再上屏，屏幕很快改为“请以窗口叫号为准”。',
      'New calls do not reach the screens; soon they say to follow the call at the window.',
    ],
    ['请系统管理员立即清理服务器磁盘；有空间后自动恢复。', 'Have the disk of the server cleared now; work goes on by itself.'],
    {
      priority: 1,
      delayS: 0,
      clearS: 30,
      openHoursOnly: false,
      folds: ['feed_stale', 'screen_safe', 'screen_stale'],
      shelveHours: 4,
    },
  ),
  broker_lost: type(
    ['消息代理连接中断', 'The message broker is out of reach'],
    [
      '所有屏幕收不到新内容，很快改为“请以窗口叫号为准”。',
      'No screen gets anything new; soon all say to follow the call at the window.',
    ],
    [
      '检查消息代理是否运行，以及服务器到它的网络。',
      'See whether the message broker runs, and the network between it and the server.',
    ],
    { priority: 1, delayS: 10, clearS: 10, folds: 'all_below', shelveHours: 4 },
  ),
  feed_stale: type(
    ['城市平台没有数据', 'The city platform is silent'],
    ['呼叫不再更新，屏幕改为“请以窗口叫号为准”。', 'Calls are not updated; screens say to follow the call at the window.'],
    ['请窗口人工叫号，并联系城市平台值班人员。', 'Have windows call by voice, and call the duty desk of the city platform.'],
    { priority: 1, delayS: 30, clearS: 5, folds: ['screen_safe', 'screen_stale'], shelveHours: 8 },
  ),
  agent_lost: type(
    ['代理失联', 'An agent is lost'],
    [
      '它的屏幕收不到新呼叫，半分钟后改为“请以窗口叫号为准”。',
      'Its screens get no new calls; after half a minute they say to follow the call at the window.',
    ],
    [
      '查看代理主机的电源和网线；恢复后自动重连。',
      'Check power and network cable of the agent machine; it reconnects by itself.',
    ],
    { priority: 1, delayS: 20, clearS: 15, folds: 'all_below' },
  ),
  agent_stopped: type(
    ['代理已停止未再启动', 'An agent was stopped and has not come back'],
    ['它的屏幕没有新呼叫，只有中性提示。', 'Its screens show no calls, only the neutral text.'],
    ['询问是否有人在维护；没有人则重新启动代理。', 'Ask whether somebody works on it; if nobody does, start the agent again.'],
    { priority: 2, delayS: 600, clearS: 15, folds: 'all_below', shelveHours: 720 },
  ),
  switch_lost: type(
    ['交换机上的设备同时离线', 'All devices of a switch are gone'],
    [
      '这些屏幕停在旧内容，随后由屏卡自己改为中性提示。',
      'These screens stand still, then their cards go to the neutral text by themselves.',
    ],
    [
      '先查看交换机的电源和上联网线，不必逐块检查屏幕。',
      'Check power and uplink of the switch first; the screens themselves need no look.',
    ],
    { priority: 1, delayS: 15, clearS: 15, folds: 'all_below' },
  ),
  device_offline: type(
    ['设备离线', 'A device is offline'],
    ['屏幕停在旧内容、中性提示或黑屏。', 'The screen stands still, shows the neutral text or is dark.'],
    [
      '查看这台设备的电源和数据线；仍不恢复请联系负责人。',
      'Check its power and data cable; if that does not help, call who is responsible.',
    ],
    { priority: 2, delayS: 30, clearS: 10, folds: ['screen_safe', 'screen_stale', 'difference_lasting'], shelveHours: 720 },
  ),
  device_refusing: type(
    ['设备拒绝命令', 'A device refuses commands'],
    ['屏幕停在旧内容或中性提示，新呼叫不上屏。', 'The screen stands still or shows the neutral text; new calls do not reach it.'],
    ['核对型号和参数后给设备断电重启一次。', 'Compare model and settings, then switch the device off and on once.'],
    { priority: 2, delayS: 60, clearS: 30, folds: ['screen_safe', 'screen_stale', 'difference_lasting'], shelveHours: 720 },
  ),
  device_other: type(
    ['换了另一台设备', 'Another device answers in its place'],
    [
      '这块屏幕没有新内容：系统不向陌生的设备写任何东西。',
      'The screen gets nothing new: nothing is written to a device that is not the one meant.',
    ],
    [
      '核对设备：装错了请换回；确实更换过，请在发现设备中重新接管。',
      'Look at the device: put the right one back, or adopt the new one under Find devices.',
    ],
    { priority: 2, delayS: 5, clearS: 10, openHoursOnly: false, folds: ['screen_safe', 'screen_stale', 'difference_lasting'] },
  ),
  screen_safe: type(
    ['屏幕长时间没有数据', 'A screen has been without data for long'],
    ['屏幕显示办公时间，看不到叫号。', 'The screen shows the opening hours and no calls.'],
    [
      '请窗口人工叫号；再看平台数据和代理网络。',
      'Have the window call by voice; then look at the platform data and the network of the agent.',
    ],
    { priority: 1, delayS: 10, clearS: 5, folds: ['screen_stale'], shelveHours: 24 },
  ),
  screen_stale: type(
    ['屏幕数据过期', 'A screen has no fresh data'],
    ['屏幕显示“请以窗口叫号为准”，没有叫号。', 'The screen says to follow the call at the window; no number is shown.'],
    [
      '看其他屏幕是否相同；只有一块时检查它的代理网络。',
      'See whether other screens say the same; if only one does, check the network of its agent.',
    ],
    { priority: 3, delayS: 60, clearS: 5, shelveHours: 24 },
  ),
  difference_lasting: type(
    ['设备没有采用新的设定', 'A device has not taken its settings'],
    ['屏幕可能仍是旧的版式、名称或亮度。', 'The screen may still have the old layout, names or brightness.'],
    [
      '打开设备页看差异和错误；参数有误请在大厅资料中改正。',
      'Open the device and read the difference; correct wrong settings in the hall content.',
    ],
    { priority: 2, delayS: 60, clearS: 5, shelveHours: 720 },
  ),
  agent_fenced: type(
    ['有第二个同名代理', 'A second agent uses the same id'],
    ['屏幕正常；第二个代理已被拒绝。', 'Screens are right; the second agent was turned away.'],
    [
      '找到另一台机器并停掉它；找不到请更换该代理的密码。',
      'Find the other machine and stop it; if there is none, give the agent a new credential.',
    ],
    { priority: 2, delayS: 0, clearS: 0, openHoursOnly: false, shelveHours: 24 },
  ),
  certificate_expires: type(
    ['证书即将到期', 'A certificate is about to end'],
    ['目前没有影响；到期后代理或网页可能连不上。', 'Nothing yet; once it has ended agents or the console may not connect.'],
    [
      '在“代理”页看是哪张证书；代理的证书开机联网后自动更换，客户自己的证书请联系签发人。',
      'See in the room Agents which one it is; an agent renews its own when it is on and connected, for your own certificate ask who issued it.',
    ],
    { priority: 2, delayS: 0, clearS: 0, openHoursOnly: false, shelveHours: 168 },
  ),
  agent_key_changed: type(
    ['代理更换了密钥', 'An agent has a new key'],
    ['没有影响。', 'Nothing.'],
    [
      '确认是否有人更换过这台机器；没有人动过就在“代理”页吊销它。',
      'Make sure that somebody has replaced this machine; if nobody has, revoke it in the room Agents.',
    ],
    { priority: 3, delayS: 0, clearS: 0, openHoursOnly: false, shelveHours: 24 },
  ),
  quarantine_growing: type(
    ['平台事件被大量拒收', 'Many events of the platform are refused'],
    ['部分呼叫或窗口状态可能没有上屏。', 'Some calls or window states may be missing on screens.'],
    ['在“事件”里看隔离区的原因，并转告平台方。', 'Read the reasons in the quarantine under Events and tell the platform.'],
    { priority: 2, delayS: 0, clearS: 60, shelveHours: 72 },
  ),
  disk_low: type(
    ['服务器磁盘空间不足', 'The disk of the server is nearly full'],
    ['目前没有影响；磁盘写满后新呼叫不再上屏。', 'Nothing yet; once the disk is full new calls do not reach the screens.'],
    ['请系统管理员今天清理或扩容服务器磁盘。', 'Have the disk of the server cleared or enlarged today.'],
    { priority: 2, delayS: 60, clearS: 60, openHoursOnly: false },
  ),
  agent_disk_low: type(
    ['代理磁盘空间不足', 'The disk of an agent is nearly full'],
    [
      '屏幕照常；磁盘写满后重启会丢失最近的设定和记录。',
      'Screens go on; once it is full a restart would lose the newest settings and records.',
    ],
    ['清理代理主机的磁盘。', 'Clear the disk of the agent machine.'],
    { priority: 2, delayS: 60, clearS: 60, openHoursOnly: false },
  ),
  outbox_filling: type(
    ['代理积压的记录过多', 'An agent holds back many records'],
    ['屏幕不受影响。', 'Screens are right.'],
    [
      '检查代理与服务器之间的网络；长期积压会丢失较早的播放记录。',
      'Check the network between agent and server; if it lasts, the oldest records of what was shown are lost.',
    ],
    { priority: 3, delayS: 60, clearS: 60 },
  ),
  agent_stalled: type(
    ['代理反应迟缓', 'An agent stands still at times'],
    ['新呼叫可能晚几秒上屏。', 'New calls may reach screens some seconds late.'],
    [
      '看这台主机上是否有其他程序占满处理器或内存，必要时重启代理。',
      'See whether another program uses up processor or memory of that machine; restart the agent if need be.',
    ],
    { priority: 2, delayS: 30, clearS: 120 },
  ),
  time_untrusted: type(
    ['代理的时间不可信', 'The time of an agent cannot be trusted'],
    ['屏幕只显示不依赖时间的内容，定时节目暂停。', 'Screens show only what does not depend on the time; timed programmes wait.'],
    [
      '接通代理与服务器的网络即可对时；反复出现请更换主机的纽扣电池。',
      'Connect the agent to the server to set its time; if it comes again, replace the battery of that machine.',
    ],
    { priority: 2, delayS: 60, clearS: 10, openHoursOnly: false },
  ),
  clock_skew: type(
    ['代理时钟不准', 'The clock of an agent is off'],
    ['屏幕上的时间和定时节目可能不准。', 'Times and timed programmes on screens may be off.'],
    ['检查代理主机的时间同步（NTP）。', 'Check the time synchronisation (NTP) of the agent machine.'],
    { priority: 3, delayS: 120, clearS: 10, shelveHours: 720 },
  ),
  text_replaced: type(
    ['有文字无法显示', 'A text could not be shown'],
    ['个别文字被替换，或一段文本被拦下没有显示。', 'Single characters were replaced, or a text was held back.'],
    [
      '在设备的事件里看是哪个字，改用可显示的写法。',
      'See in the events of the device which character it was, and use another one.',
    ],
    { priority: 3, delayS: 0, clearS: 0, shelveHours: 720 },
  ),
  outbox_gap: type(
    ['代理丢失了部分记录', 'An agent has lost some of its records'],
    [
      '屏幕不受影响；离线期间的部分播放记录缺失。',
      'Screens are right; some records of what was shown while it was away are missing.',
    ],
    [
      '检查代理的磁盘，并缩短它与服务器断开的时间。',
      'Check the disk of the agent, and keep the time it is away from the server short.',
    ],
    { priority: 3, delayS: 0, clearS: 0, shelveHours: 720 },
  ),
};

/** Types in the order in which they are told: what explains most comes first. */
export const alarmRank = (id: AlarmTypeId): number => alarmTypeIds.indexOf(id);
