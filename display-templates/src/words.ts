import type { PauseReason, WindowState } from '@hall/contracts';

/** Chinese and English of the same thing; Chinese is shown first. */
export interface Bilingual {
  readonly zh: string;
  readonly en: string;
}
export const languages = ['zh', 'en'] as const;
export type Language = (typeof languages)[number];

/** The word for a window state. Chinese words have at most three characters: a 64 px strip holds shape and word. */
export const stateWords: Readonly<Record<WindowState, Bilingual>> = {
  open: { zh: '开放', en: 'Open' },
  serving: { zh: '办理中', en: 'Serving' },
  paused: { zh: '暂停', en: 'Paused' },
  closed: { zh: '关闭', en: 'Closed' },
  fault: { zh: '故障', en: 'Fault' },
  no_data: { zh: '无数据', en: 'No data' },
};

/**
 * The shape beside the word, so that no state is told by colour alone (WCAG 2.2, 1.4.1). All are in the symbol rows of
 * GB 2312, which every Chinese LED controller carries.
 */
export const stateShapes: Readonly<Record<WindowState, string>> = {
  open: '○',
  serving: '●',
  paused: '▲',
  closed: '■',
  fault: '※',
  no_data: '◇',
};

/** Beside the state of a window that calls by its keys alone: the hall's server is away. */
export const islandMark: Bilingual = { zh: '离线', en: 'offline' };

/** Why a window pauses, at most four Chinese characters; absent where the word would tell visitors nothing. */
export const pauseWords: Readonly<Partial<Record<PauseReason, Bilingual>>> = {
  away: { zh: '暂离', en: 'Away' },
  meeting: { zh: '会议', en: 'Meeting' },
  site_visit: { zh: '踏勘', en: 'Site visit' },
  office: { zh: '回局', en: 'At bureau' },
  lunch_duty: { zh: '午休', en: 'Lunch' },
  system_fault: { zh: '系统故障', en: 'System' },
  device_fault: { zh: '设备故障', en: 'Device' },
  handover: { zh: '交接班', en: 'Handover' },
};

/** Shown wherever a live field is too old to be believed; never beside an old number. */
export const neutralText: Bilingual = {
  zh: '请以窗口叫号为准',
  en: 'Please follow the number called at the window',
};
