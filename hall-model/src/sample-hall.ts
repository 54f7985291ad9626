/** A small hall for tests: two departments, three services, three windows. Not part of the public package. */
import type { HallCalendar, HallContent, HallEvent } from '@hall/contracts';

const workday = [
  { from: '09:00', to: '12:00' },
  { from: '13:30', to: '17:00' },
];

export const sampleCalendar: HallCalendar = {
  zone: 'Asia/Shanghai',
  week: [workday, workday, workday, workday, workday, [], []],
  tailMinutes: 60,
  lunchWindows: ['w2'],
  holidays: [
    { day: '2026-10-01', name: '国庆节' },
    { day: '2026-10-02', name: '国庆节' },
    { day: '2026-10-05', name: '国庆节' },
    { day: '2026-10-06', name: '国庆节' },
    { day: '2026-10-07', name: '国庆节' },
  ],
  makeUpDays: [{ day: '2026-10-10', as: 2 }],
  windowHours: [{ window: 'w3', weekday: 5, shifts: [{ from: '09:00', to: '12:00' }] }],
};

export const sampleHall: HallContent = {
  settings: {
    zh: '样例政务服务大厅',
    en: 'Sample Hall',
    staffNamePolicy: 'surname',
    liveMaxAgeS: 30,
    safeAfterS: 300,
    feedMaxAgeS: 60,
  },
  calendar: sampleCalendar,
  departments: [
    { id: 'tax', zh: '税务局', en: 'Tax' },
    { id: 'market', zh: '市场监管局', short: '市监' },
  ],
  services: [
    { id: 'tax-general', zh: '综合办税', department: 'tax', prefix: 'A' },
    { id: 'licence', zh: '营业执照', en: 'Licences', department: 'market', prefix: 'B' },
    { id: 'seal', zh: '公章刻制', department: 'market', prefix: 'C' },
  ],
  staff: [
    { id: 's1', name: '张晓明', number: '012', department: 'tax' },
    { id: 's2', name: '欧阳静', department: 'market' },
  ],
  windows: [
    { id: 'w1', number: '1', area: 'A区', department: 'tax', services: ['tax-general'] },
    { id: 'w2', number: '2', area: 'A区', department: 'market', services: ['licence', 'seal'] },
    { id: 'w3', number: '3', area: 'B区', department: 'market', services: ['licence'] },
  ],
  devices: [
    {
      id: 'strip-1',
      name: '1号窗条屏',
      agent: 'agent-1',
      driver: 'onbon-k',
      settings: {},
      screen: { template: 'window-strip', widthPx: 192, heightPx: 32, window: 'w1' },
    },
    {
      id: 'board-a',
      name: 'A区叫号屏',
      agent: 'agent-1',
      driver: 'kiosk',
      settings: {},
      screen: { template: 'queue-board', widthPx: 1920, heightPx: 1080, area: 'A区' },
    },
  ],
};

export const SAMPLE_SOURCE = '/platform/sample';

/** An event of the sample platform; the id follows from subject and sequence. */
export function sampleEvent<T extends HallEvent['type']>(
  type: T,
  subject: string,
  sequence: number,
  time: number,
  data: Extract<HallEvent, { type: T }>['data'],
): Extract<HallEvent, { type: T }> {
  return { id: `${subject}-${sequence}`, source: SAMPLE_SOURCE, type, subject, time, sequence, data } as unknown as Extract<
    HallEvent,
    { type: T }
  >;
}
