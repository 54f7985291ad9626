import { runSuite } from '../harness/suite.ts';
import { faultTable, type ShownByTest } from '../faults/table.ts';
import { runAgentCuts } from '../power-cut/agent-cut.ts';
import { isClean } from '../runs/busy-hall.ts';
import { runNemesisHall } from '../runs/nemesis.ts';
import type { Promised } from '../promise.ts';
import { readAccount } from './network.ts';

const projectOf = (file: string): string =>
  file.startsWith('e2e/browser/')
    ? 'browser'
    : file.startsWith('e2e/')
      ? 'e2e'
      : file.endsWith('.integration.test.ts')
        ? 'integration'
        : 'unit';
const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
/** A title may hold what a table of cases fills in. */
const patternOf = ({ title }: ShownByTest): string =>
  title
    .split(/%\w|\$\w+/)
    .map(escaped)
    .join('.*');

/** Must show 3, first half: every test that the table names, by its project. */
export const faultTests: Promised = {
  id: 'fault-table',
  zh: '故障表 F01 至 F29 中点名的每一项测试都通过',
  en: 'Every test that the fault table names for F01 to F29 passes.',
  run: async ({ say }) => {
    const named = faultTable.flatMap(({ shownBy }) => shownBy.filter((shown): shown is ShownByTest => 'file' in shown));
    let passed = 0;
    const failed: string[] = [];
    for (const project of ['unit', 'integration', 'browser', 'e2e']) {
      const own = named.filter(({ file }) => projectOf(file) === project);
      const files = [...new Set(own.map(({ file }) => file))];
      const suite = await runSuite(project, files, new RegExp(own.map(patternOf).join('|')));
      say(`${project}: ${suite.passed} passed, ${suite.failed.length} failed`);
      passed += suite.passed;
      failed.push(...suite.failed);
    }
    return {
      pass: failed.length === 0 && passed >= named.length,
      measured: `${faultTable.length} faults, ${named.length} tests named; ${passed} passed, ${failed.length} failed${failed.length > 0 ? `: ${failed.join('; ')}` : ''}`,
      figures: { faults: faultTable.length, named: named.length, passed },
    };
  },
};

/** F08. */
export const agentPowerCut: Promised = {
  id: 'agent-power-cut',
  zh: '代理断电：它说过自己持有的记录和文档都在盘上；反例（synchronous=NORMAL）必须被同一检查发现',
  en: 'Power cuts of an agent: what it has said it holds is on its disk; with synchronous=NORMAL the same checker must fail.',
  run: async ({ seed, quick, say }) => {
    const size = quick ? { cuts: 100, events: 100 } : { cuts: 1000, events: 300 };
    const full = await runAgentCuts({ ...size, seed, careless: false, say });
    const control = await runAgentCuts({ ...size, cuts: Math.ceil(size.cuts / 5), seed, careless: true, say });
    return {
      pass: full.losing === 0 && full.damaged === 0 && full.said > 0 && control.losing > 0,
      measured:
        `${full.cuts} cuts of a run with ${full.said} words of the agent and ${full.syncs} syncs: ${full.losing} broke one, ` +
        `${full.damaged} damaged. Control with NORMAL: ${control.losing} of ${control.cuts} cuts broke up to ${control.mostLost}.`,
      figures: { cuts: full.cuts, losing: full.losing, damaged: full.damaged, controlLosing: control.losing },
    };
  },
};

const SEEDS = 3;
/** Faults so long before a picture that was wrong are told with it: longer than any picture may stand. */
const BEFORE_MS = 60_000;

/** Must show 3, last: F48 for what there is. */
export const nemesis: Promised = {
  id: 'nemesis',
  zh: '十七种故障按种子混合，每个种子 10 分钟，共 3 个种子：不丢、不重、从不显示错误画面',
  en: 'Seventeen faults mixed by a seed for 10 minutes, three seeds: nothing lost, nothing twice, never a wrong picture.',
  long: true,
  run: async ({ seed, quick, say }) => {
    const forMs = quick ? 60_000 : 600_000;
    const texts: string[] = [];
    let pass = true;
    for (let each = seed; each < seed + (quick ? 1 : SEEDS); each += 1) {
      const { startMs, records, account } = await runNemesisHall({ seed: each, forMs });
      const begun = records.filter(({ what }) => what === 'begins').length;
      const clean = isClean(account);
      pass &&= clean;
      const text = `seed ${each}: ${begun} faults; ${readAccount(account)}`;
      say(`${clean ? 'clean' : 'NOT CLEAN'} ${text}`);
      if (!clean) {
        say(`replay: npm run proof -- fleet --only nemesis --seed ${each}`);
        for (const words of account.crashes) say(words);
        for (const one of account.evidence.slice(0, 5)) {
          say(JSON.stringify(one));
          const atMs = one.atMs - startMs;
          const near = records.filter((record) => record.atMs > atMs - BEFORE_MS && record.atMs <= atMs);
          say(near.map((record) => `${(record.atMs - atMs).toFixed(0)} ms: ${record.fault} ${record.what}`).join('; '));
        }
      }
      texts.push(text);
    }
    return { pass, measured: texts.join(' | ') };
  },
};
