import type { Promised } from '../promise.ts';
import { runSuite, type SuiteResult } from '../harness/suite.ts';

const counted = ({ passed, failed }: SuiteResult) =>
  `${passed} passed, ${failed.length} failed${failed.length === 0 ? '' : ` (${failed.join('; ')})`}`;
const clean = ({ passed, failed, skipped }: SuiteResult) => passed > 0 && failed.length === 0 && skipped === 0;

/** Must show 2. */
export const outsideSenders: Promised = {
  id: 'outside-senders',
  zh: '外部发送者（cloudevents、standardwebhooks、curl、mosquitto_pub）的事件都成为条屏画面；每条 MQTT 消息符合 AsyncAPI 文档；外部协议向量全部通过',
  en: 'Events of senders not written here (cloudevents, standardwebhooks, curl, mosquitto_pub) end as pictures on strips; every MQTT message fits the AsyncAPI document; all outside protocol vectors pass.',
  run: async ({ say }) => {
    const senders = await runSuite('e2e', ['e2e/outside-senders.test.ts'], /with the broker: embedded/);
    say(`senders: ${counted(senders)}`);
    const vectors = await runSuite('unit', ['wire/src/onbon-k/']);
    say(`vectors and properties: ${counted(vectors)}`);
    return {
      pass: clean({ ...senders, skipped: 0 }) && clean(vectors),
      measured: `senders and messages: ${counted(senders)}; outside vectors and stream properties: ${counted(vectors)}.`,
      figures: { senders: senders.passed, vectors: vectors.passed },
    };
  },
};

/** The product over a broker of somebody else. */
export const externalBroker: Promised = {
  id: 'external-broker',
  zh: '同一套端到端测试在 Debian 的 mosquitto 上通过',
  en: "The same whole-system tests pass on Debian's mosquitto.",
  run: async ({ say }) => {
    const files = ['e2e/basic-flow.test.ts', 'e2e/outside-senders.test.ts'];
    const suite = await runSuite('e2e', files, /with the broker: mosquitto/);
    say(counted(suite));
    const restart = await runSuite('e2e', ['e2e/brokers.test.ts'], /on the broker: mosquitto/);
    return {
      pass: clean({ ...suite, skipped: 0 }) && clean({ ...restart, skipped: 0 }),
      measured: `flow and senders: ${counted(suite)}; emptied and filled again: ${counted(restart)}.`,
      figures: { passed: suite.passed + restart.passed },
    };
  },
};
