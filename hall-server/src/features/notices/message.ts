/** What a notice says, in words. Pure; knows nothing of where it is sent. */
import type { AlarmNews, AlarmPriority, Delivery, NoticePerson, noticeLanguages } from '@hall/contracts';
import { localTime } from '@hall/model';

export interface Message {
  /** The same for every try. */
  readonly id: string;
  readonly what: Delivery['what'];
  /** One alarm, or several above the rate of the channel. */
  readonly alarms: readonly AlarmNews[];
  readonly people: readonly NoticePerson[];
  readonly hall: { readonly id: string; readonly zh: string; readonly en?: string | undefined };
  /** IANA zone of the hall. */
  readonly zone: string;
}
export interface Words {
  readonly title: string;
  readonly lines: readonly string[];
}
type Language = 'zh' | 'en';

const priorityWords: Readonly<Record<AlarmPriority, Record<Language, string>>> = {
  1: { zh: '紧急', en: 'Urgent' },
  2: { zh: '重要', en: 'High' },
  3: { zh: '一般', en: 'Low' },
};

/** What stands before the title: priority, or that it is over, a repetition or a test. */
function mark(what: Message['what'], priority: AlarmPriority, language: Language): string {
  const zh = language === 'zh';
  const level = priorityWords[priority][language];
  switch (what) {
    case 'raised':
      return level;
    case 'repeated':
      return zh ? `${level} 再次提醒` : `${level}, again`;
    case 'cleared':
      return zh ? '已恢复' : 'Over';
    case 'test':
      return zh ? '测试' : 'Test';
  }
}
const marked = (text: string, language: Language) => (language === 'zh' ? `【${text}】` : `[${text}] `);
/** Line breaks and other control characters would let a name pretend to be another line or header. */
const oneLine = (text: string) => text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();

function wordsIn(message: Message, language: Language): Words {
  const { alarms, what, hall, zone } = message;
  const zh = language === 'zh';
  const hallName = oneLine((zh ? hall.zh : hall.en) ?? hall.zh);
  const [first] = alarms;
  if (!first) return { title: hallName, lines: [] };
  const time = (ms: number) => localTime(zone, ms);
  if (alarms.length > 1) {
    const highest = alarms.reduce<AlarmPriority>((least, { priority }) => (priority < least ? priority : least), 3);
    const count = zh ? `${alarms.length} 条告警` : `${alarms.length} alarms`;
    const rows = alarms.map(
      (alarm) => `${marked(mark(what, alarm.priority, language), language)}${oneLine(alarm.title[language])}`,
    );
    return { title: `${marked(mark(what, highest, language), language)}${hallName} ${count}`, lines: rows };
  }
  const title = `${marked(mark(what, first.priority, language), language)}${oneLine(first.title[language])}`;
  const lines = [zh ? `大厅：${hallName}` : `Hall: ${hallName}`];
  if (what !== 'cleared') {
    lines.push(zh ? `群众看到：${oneLine(first.visitorsSee.zh)}` : `Visitors see: ${oneLine(first.visitorsSee.en)}`);
    lines.push(zh ? `请先：${oneLine(first.firstStep.zh)}` : `First: ${oneLine(first.firstStep.en)}`);
  }
  lines.push(zh ? `开始时间：${time(first.sinceMs)}` : `Since: ${time(first.sinceMs)}`);
  if (first.folded > 0) lines.push(zh ? `由此引起的告警：${first.folded} 条` : `Alarms caused by it: ${first.folded}`);
  return { title, lines };
}

/** The words of a message in the language of a channel; with both, Chinese comes first. */
export function wordsOf(message: Message, language: (typeof noticeLanguages)[number]): Words {
  if (language !== 'both') return wordsIn(message, language);
  const zh = wordsIn(message, 'zh');
  const en = wordsIn(message, 'en');
  return { title: zh.title, lines: [...zh.lines, en.title, ...en.lines] };
}

const encoder = new TextEncoder();
export const bytesOf = (text: string): number => encoder.encode(text).length;

/** The longest beginning of whole characters that fits in `most` bytes of UTF-8; one that was cut ends with an ellipsis. */
export function cutBytes(text: string, most: number): string {
  if (bytesOf(text) <= most) return text;
  const room = most - bytesOf('…');
  let used = 0;
  let kept = '';
  for (const character of text) {
    used += bytesOf(character);
    if (used > room) break;
    kept += character;
  }
  return room < 0 ? '' : `${kept}…`;
}

/** Lines joined so that all fits in `most` bytes; how many did not fit is said. */
export function fitLines(lines: readonly string[], most: number): string {
  const whole = lines.join('\n');
  if (bytesOf(whole) <= most) return whole;
  for (let kept = lines.length - 1; kept > 0; kept -= 1) {
    const text = [...lines.slice(0, kept), `… +${lines.length - kept}`].join('\n');
    if (bytesOf(text) <= most) return text;
  }
  return cutBytes(lines[0] ?? '', most);
}
