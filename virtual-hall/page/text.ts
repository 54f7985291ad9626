/** Every word of the page, Chinese first. */
export type Language = 'zh' | 'en';

const words = {
  subtitle: { zh: '一座完整的模拟大厅：真实协议，真实字节', en: 'A whole simulated hall: real protocols, real bytes' },
  otherLanguage: { zh: 'English', en: '中文' },
  tour: { zh: '五步导览', en: 'Five-step tour' },
  counter: { zh: '窗口', en: 'The counter' },
  hall: { zh: '大厅', en: 'The hall' },
  manager: { zh: '管理者看到的', en: 'What the manager sees' },
  managerHint: {
    zh: '屏幕被告知了什么，确认到哪一级',
    en: 'What screens were told, and how surely it is known',
  },
  openConsole: { zh: '打开控制台', en: 'Open the console' },
  window: { zh: '窗口', en: 'Window' },
  service: { zh: '业务', en: 'Service' },
  take: { zh: '取号', en: 'Take a ticket' },
  call: { zh: '呼叫', en: 'Call' },
  recall: { zh: '重呼', en: 'Call again' },
  pause: { zh: '暂停', en: 'Pause' },
  resume: { zh: '恢复', en: 'Resume' },
  end: { zh: '完成', en: 'Finish' },
  breaking: { zh: '把它弄坏', en: 'Break it' },
  breakingHint: {
    zh: '拔掉这块条屏的网线、断它的电，或直接杀死服务器；代理的按钮在各区上方。旧号码不会留在屏幕上：先在有效期内保持，然后改为中性文字。',
    en: 'Unplug this strip, cut its power, or kill the server; the buttons of the agents are above their areas. No old number stays: it is held within its lease, then turns to neutral text.',
  },
  unplug: { zh: '拔网线', en: 'Unplug' },
  plug: { zh: '插回网线', en: 'Plug in' },
  power: { zh: '断电', en: 'Cut power' },
  kill: { zh: 'kill -9', en: 'kill -9' },
  server: { zh: '服务器', en: 'Server' },
  strip: { zh: '条屏', en: 'Strip' },
  waiting: { zh: '等候', en: 'waiting' },
  manual: { zh: '由您操作', en: 'in your hands' },
  open: { zh: '开放', en: 'open' },
  paused: { zh: '暂停', en: 'paused' },
  closed: { zh: '关闭', en: 'closed' },
  fault: { zh: '故障', en: 'fault' },
  free: { zh: '空闲', en: 'free' },
  called: { zh: '呼叫中', en: 'calling' },
  serving: { zh: '办理中', en: 'serving' },
  right: { zh: '正确', en: 'right' },
  held: { zh: '有效期内保持', en: 'held in lease' },
  late: { zh: '迟到', en: 'late' },
  stale: { zh: '如实提示', en: 'honestly stale' },
  safe: { zh: '安全画面', en: 'safe' },
  dark: { zh: '黑屏', en: 'dark' },
  wrong: { zh: '错误', en: 'wrong' },
  screenSeconds: { zh: '屏·秒', en: 'screen-seconds' },
  board: { zh: '叫号大屏', en: 'Board' },
  traces: { zh: '呼叫轨迹', en: 'Traces' },
  trace: { zh: '轨迹', en: 'Trace' },
  back: { zh: '返回大屏', en: 'Back to the board' },
  stageEvent: { zh: '平台发出事件', en: 'Event leaves the platform' },
  stageMqtt: { zh: 'MQTT 消息到代理', en: 'MQTT message to the agent' },
  stageCommit: { zh: '服务器已提交 (202)', en: 'Server has committed (202)' },
  stageFrame: { zh: '条屏收到帧', en: 'Frame at the strip' },
  stageAck: { zh: '条屏应答', en: 'Strip acknowledges' },
  unchanged: { zh: '画面不变', en: 'picture unchanged' },
  pending: { zh: '待发', en: 'unsent' },
  feedUp: { zh: '已连接服务器', en: 'connected to the server' },
  feedDown: { zh: '服务器不可达，事件排队等待', en: 'server away, events wait' },
  noTicket: { zh: '窗口没有号票', en: 'No ticket at this window' },
  nobodyWaits: { zh: '没有人等候', en: 'Nobody waits' },
  notPaused: { zh: '窗口没有暂停', en: 'The window is not paused' },
  refused: { zh: '无法操作', en: 'That is not possible' },
  taken: { zh: '已取号', en: 'Ticket' },
  next: { zh: '下一步', en: 'Next' },
  close: { zh: '结束导览', en: 'End the tour' },
  running: { zh: '运行', en: 'running' },
  killed: { zh: '已终止', en: 'killed' },
  starting: { zh: '重启中', en: 'restarting' },
  none: { zh: '未知', en: 'none' },
  sent: { zh: '已发送', en: 'sent' },
  acknowledged: { zh: '已应答', en: 'acknowledged' },
  read_back: { zh: '已读回', en: 'read back' },
  seen: { zh: '已看到', en: 'seen' },
  meeting: { zh: '开会', en: 'Meeting' },
  away: { zh: '暂离', en: 'Away' },
  handover: { zh: '交接班', en: 'Hand-over' },
  system_fault: { zh: '系统故障', en: 'System fault' },
  offline: { zh: '离线', en: 'offline' },
  opening: { zh: '连接中', en: 'connecting' },
  online: { zh: '在线', en: 'online' },
  stopped: { zh: '已停止', en: 'stopped' },
  accepted: { zh: '已接收', en: 'accepted' },
  duplicate: { zh: '重复', en: 'duplicate' },
  quarantined: { zh: '已隔离', en: 'quarantined' },
  reason: { zh: '暂停原因', en: 'Reason of the pause' },
  tour1: { zh: '1/5 取号：按“取号”，为选中的窗口取一张号。', en: '1/5 Press “Take a ticket” for the chosen window.' },
  tour2: {
    zh: '2/5 呼叫：按“呼叫”。号码经签名事件、数据库、MQTT 到达条屏，下方是每一步的毫秒数。',
    en: '2/5 Press “Call”. A signed event, the store, MQTT, the strip: below is every step in milliseconds.',
  },
  tour3: { zh: '3/5 拔网线：按“拔网线”，断开这块条屏。', en: '3/5 Press “Unplug” to cut this strip off.' },
  tour4: {
    zh: '4/5 等待：半分钟内，条屏自己改为中性文字，从不显示过期号码。',
    en: '4/5 Wait: within half a minute the strip itself turns to neutral text, never an old number.',
  },
  tour5: {
    zh: '5/5 插回网线：按“插回网线”，两秒内恢复正确画面。',
    en: '5/5 Press “Plug in”: the right picture is back within two seconds.',
  },
  tourDone: { zh: '导览完成。错误显示时间：', en: 'Done. Seconds of wrong display: ' },
} as const;

export type Word = keyof typeof words;
export const isWord = (word: string): word is Word => Object.hasOwn(words, word);

let language: Language = localStorage.getItem('language') === 'en' ? 'en' : 'zh';
export const languageNow = (): Language => language;
export const say = (word: Word): string => words[word][language];
/** A word that comes as data; itself where it is none of ours. */
export const sayOf = (word: string): string => (isWord(word) ? words[word][language] : word);

/** Sets the text of every element that names a word. */
export function fillWords(): void {
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  for (const element of document.querySelectorAll<HTMLElement>('[data-text]')) {
    const word = element.dataset['text'] ?? '';
    if (isWord(word)) element.textContent = say(word);
  }
}

export function switchLanguage(): void {
  language = language === 'zh' ? 'en' : 'zh';
  localStorage.setItem('language', language);
  fillWords();
}
