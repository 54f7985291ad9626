import { readdir } from 'node:fs/promises';
import { BROKER_VARIABLE } from '../harness/brokers.ts';
import { brokerNames } from '../harness/outside-broker.ts';
import { runSuite } from '../harness/suite.ts';
import type { Promised } from '../promise.ts';
import { runIntruder } from '../runs/intruder.ts';
import { runAway, runLoss } from '../runs/loss.ts';

const ABOUT_FILES = 'about the repository, no hall runs in it';
const ABOUT_EMBEDDED = 'about what only the embedded broker is';
/** Whole-system tests that no other broker can change; every other one runs on all four. */
export const sameOnEveryBroker: Readonly<Record<string, string>> = {
  architecture: ABOUT_FILES,
  bundles: ABOUT_FILES,
  dependencies: ABOUT_FILES,
  docs: ABOUT_FILES,
  links: ABOUT_FILES,
  tables: ABOUT_FILES,
  'test-count': ABOUT_FILES,
  'client-ids': ABOUT_EMBEDDED,
  enrolment: `${ABOUT_EMBEDDED}: agents show it certificates`,
  'mutated-sessions': ABOUT_EMBEDDED,
  'power-cut': 'about the stores',
  'slow-loris': ABOUT_EMBEDDED,
  storm: `${ABOUT_EMBEDDED}: agents show it certificates`,
};
const SUITE_FOLDER = new URL('../../../e2e/', import.meta.url);
const MOST_LOST_MS = 11_000;
const MOST_AWAY_MS = 2000;
const PLANTED = 1000;
const ms = (value: number) => `${value.toFixed(0)} ms`;

/** Must show 1, first part. */
export const everyBroker: Promised = {
  id: 'every-broker',
  zh: '同一套端到端测试在内置 aedes、mosquitto、RabbitMQ 和 NATS 上全部通过，只改一个变量',
  en: 'The same whole-system tests pass on embedded aedes, mosquitto, RabbitMQ and NATS by changing one variable.',
  long: true,
  run: async ({ say }) => {
    const names = (await readdir(SUITE_FOLDER)).flatMap((name) => /^(.+)\.test\.ts$/.exec(name)?.[1] ?? []);
    const files = names.filter((name) => !Object.hasOwn(sameOnEveryBroker, name)).map((name) => `e2e/${name}.test.ts`);
    const counts: string[] = [];
    let pass = true;
    const figures: Record<string, number> = {};
    for (const broker of brokerNames) {
      const { passed, failed } = await runSuite('e2e', files, undefined, { [BROKER_VARIABLE]: broker });
      pass &&= passed > 0 && failed.length === 0;
      figures[broker] = passed;
      counts.push(`${broker} ${passed} passed, ${failed.length} failed`);
      say([counts.at(-1), ...failed].join('\n    '));
    }
    return { pass, measured: `${files.length} files on each: ${counts.join('; ')}.`, figures };
  },
};

/** Must show 1: loss of an agent, and the difference it makes. */
export const agentLoss: Promised = {
  id: 'agent-loss',
  zh: '在四种代理服务器上，边缘代理失联（断线、冻结、代理服务器被杀）都在两倍保活时间加一秒内可见',
  en: 'On each of the four brokers the loss of an agent (cable cut silently, process frozen, broker killed) is seen within twice the keep-alive and a second.',
  run: async ({ say }) => {
    const figures: Record<string, number> = {};
    for (const broker of brokerNames) {
      for (const { how, lostMs, backMs } of await runLoss(broker)) {
        figures[`${broker}, ${how}`] = Math.round(lostMs);
        say(`${broker}, ${how}: seen after ${ms(lostMs)}, right again after ${ms(backMs)}`);
      }
    }
    const slowest = Math.max(...Object.values(figures));
    const list = Object.entries(figures).map(([what, value]) => `${what} ${value} ms`);
    return { pass: slowest <= MOST_LOST_MS, measured: `seen after: ${list.join('; ')}.`, figures };
  },
};

/** Must show 1: what changed while an agent was away. */
export const changedWhileAway: Promised = {
  id: 'changed-while-away',
  zh: '边缘代理离线期间目标状态改变、服务器与代理服务器都重启：返回后 2 秒内一致',
  en: 'Desired state changed while an agent is away, server and broker restarted too: converged within 2 s after it returns.',
  run: async ({ say }) => {
    const figures: Record<string, number> = {};
    for (const broker of brokerNames) {
      figures[broker] = Math.round(await runAway(broker));
      say(`${broker}: ${figures[broker]} ms`);
    }
    const list = Object.entries(figures).map(([broker, value]) => `${broker} ${value} ms`);
    return {
      pass: Math.max(...Object.values(figures)) <= MOST_AWAY_MS,
      measured: `from the start of the agent: ${list.join('; ')}.`,
      figures,
    };
  },
};

/** Must show 2. */
export const topicRules: Promised = {
  id: 'topic-rules',
  zh: '50,000 个生成的主题过滤器对每个角色的判定与参考模型一致；被盗凭据读不到也写不了别人的主题；1,000 条伪造的保留消息无一显示',
  en: 'Fifty thousand generated filters are judged for every role as by a reference model; a stolen credential reads and writes nothing of others; of 1,000 planted retained forgeries none is shown.',
  run: async ({ say }) => {
    const rules = await runSuite('unit', [
      'hall-server/src/platform/mqtt/topic-rules.test.ts',
      'hall-server/src/platform/mqtt/acl.test.ts',
    ]);
    say(`rules: ${rules.passed} passed, ${rules.failed.length} failed`);
    let pass = rules.passed > 0 && rules.failed.length === 0;
    const told: string[] = [];
    for (const broker of brokerNames) {
      const { said, asked, heard, planted, dropped, shown, right } = await runIntruder({ broker, planted: PLANTED });
      pass &&= heard === 0 && shown.length === 0 && right;
      told.push(
        `${broker}: ${said} forged publishes and wills, ${asked} subscriptions, ${heard} heard, ${planted} planted, ${dropped} dropped by the agent, ${shown.length} shown`,
      );
      say(told.at(-1) ?? '');
    }
    return { pass, measured: `rules ${rules.passed} passed, ${rules.failed.length} failed; ${told.join('; ')}.` };
  },
};
