import type { Promised } from '../promise.ts';
import { runSuite } from '../harness/suite.ts';
import { runBadInput } from '../runs/bad-input.ts';

const LEAST_TRIED = 60;
const TABLE = 'hall-server/src/features/intake/bad-requests.integration.test.ts';

/** Must show 7. */
export const badInput: Promised = {
  id: 'bad-input',
  zh: '对运行中的大厅发送至少 60 种错误输入（HTTP 与 MQTT）：每种得到预定的代码和字段，不崩溃，其间的正确事件一个不丢',
  en: 'At least 60 kinds of bad input against a running hall, by HTTP and MQTT: each gets its code and field, nothing crashes, and no good event around them is lost.',
  run: async ({ say }) => {
    const suite = await runSuite('integration', [TABLE]);
    say(`table of the intake: ${suite.passed} passed, ${suite.failed.length} failed`);
    const { tried, unexpected, good, lost, invented, shown } = await runBadInput();
    for (const one of unexpected.slice(0, 10)) say(one);
    return {
      pass:
        tried >= LEAST_TRIED &&
        unexpected.length === 0 &&
        lost.length === 0 &&
        invented === 0 &&
        shown &&
        suite.passed >= LEAST_TRIED &&
        suite.failed.length === 0,
      measured:
        `${tried} bad inputs against a whole hall, ${unexpected.length} answered otherwise than promised; ${good} good events ` +
        `around them, ${lost.length} lost; ${invented} facts from bad ones; the last good call ${shown ? 'stands' : 'does not stand'} ` +
        `on its strip. Table of the intake: ${suite.passed} tests passed, ${suite.failed.length} failed.`,
      figures: { tried, unexpected: unexpected.length, good, lost: lost.length },
    };
  },
};
