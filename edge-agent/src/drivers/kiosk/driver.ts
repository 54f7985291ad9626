/** A board page in a kiosk browser, served by this agent. */
import { Type } from 'typebox';
import { defineDriver } from '../driver.ts';

const KioskSettings = Type.Object(
  {
    paintTimeoutMs: Type.Integer({
      minimum: 500,
      maximum: 30_000,
      default: 3000,
      title: '绘制超时（毫秒）',
      description: '等待页面确认已绘制的最长时间。 Longest wait until a page says that it has painted a board.',
    }),
  },
  { additionalProperties: false },
);
const State = Type.Object({ pages: Type.Integer({ minimum: 0, description: 'Pages that are connected.' }) });

export const kiosk = defineDriver({
  id: 'kiosk',
  title: '信息屏页面 Kiosk board page',
  models: ['Chromium'],
  // The page answers after it has painted; nobody has looked at the glass.
  reaches: 'acknowledged',
  acts: ['identify', 'test_pattern', 'black'],
  config: KioskSettings,
  state: State,
  open: async ({ paintTimeoutMs }, { boards, device, count }) => {
    const board = boards.open(device);
    return {
      closed: board.closed,
      close: () => board.close(),
      read: () => ({ pages: boards.pages(device) }),
      async show({ board: view, hash, maxAgeMs }) {
        await board.paint({ view, hash, maxAgeMs }, paintTimeoutMs);
        count('painted');
        return 'acknowledged';
      },
    };
  },
});
