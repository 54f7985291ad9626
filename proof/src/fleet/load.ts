import type { Promised } from '../promise.ts';
import { runMutatedSessions } from '../runs/mutated-sessions.ts';
import { runSlowLoris } from '../runs/slow-loris.ts';
import { runStorm } from '../runs/storm.ts';

const AGENTS = 1000;
const QUICK_AGENTS = 200;
const STORMS = 3;
const MOST_STORM_MS = 5000;
const SECURE_AGENTS = 300;
const DEVICES_EACH = 5;
const QUICK_SECURE_AGENTS = 60;
const MOST_SECURE_MS = 60_000;
/** Each agent tells a fact a second, before, during and after the storm. */
const RECORD_MS = 1000;
const SESSIONS = 100_000;
const QUICK_SESSIONS = 5000;
const QUIET_CALLS = 500;
const MOST_GROWTH_MB = 30;
const SLOW = 500;
const QUICK_SLOW = 100;
/** Beyond the stated limit, for a machine that is busy. */
const MOST_LATE_MS = 3000;
const ms = (value: number) => `${value.toFixed(0)} ms`;

/** Must show 1: the storm over plain TCP. */
export const storm: Promised = {
  id: 'storm',
  zh: '1,000 个边缘代理，代理服务器被杀且存储为空：从端口监听起 5 秒内全部返回且状态一致（内置与 mosquitto）',
  en: 'A thousand agents over plain TCP, the broker killed with an empty store: all back and all states converged within 5 s from the listening port, on the embedded broker and on mosquitto.',
  run: async ({ quick, say }) => {
    const agents = quick ? QUICK_AGENTS : AGENTS;
    let pass = true;
    const told: string[] = [];
    const figures: Record<string, number> = {};
    for (const broker of ['embedded', 'mosquitto'] as const) {
      const { firstMs, convergedMs, differing, residentMb, cpuMs } = await runStorm({ broker, agents, storms: STORMS, say });
      const slowest = Math.max(...convergedMs);
      pass &&= differing === 0 && convergedMs.length === STORMS && slowest <= MOST_STORM_MS;
      figures[`${broker}Ms`] = Math.round(slowest);
      figures[`${broker}Mb`] = Math.round(residentMb);
      told.push(
        `${broker}: first ${ms(firstMs)}, storms ${convergedMs.map(ms).join(', ')}, ${differing} differ, server ${residentMb.toFixed(0)} MB, ` +
          `processor ${cpuMs.map(ms).join(', ')}`,
      );
    }
    return { pass, measured: `${agents} agents. ${told.join('; ')}.`, figures };
  },
};

/** Must show 1: the storm over mutual TLS. */
export const secureStorm: Promised = {
  id: 'secure-storm',
  zh: '300 个边缘代理、1,500 台设备，双向 TLS：服务器被杀后的重连风暴 60 秒内平息，事实一条不丢',
  en: 'Three hundred agents with 1,500 devices over mutual TLS: a reconnect storm after the server was killed is over within 60 s with no fact lost.',
  run: async ({ quick, say }) => {
    const agents = quick ? QUICK_SECURE_AGENTS : SECURE_AGENTS;
    const storm = { broker: 'embedded', agents, devicesEach: DEVICES_EACH, mutualTls: true, storms: STORMS } as const;
    const result = await runStorm({ ...storm, recordEveryMs: RECORD_MS, say });
    const { firstMs, convergedMs, facts, lost, twice, differing, residentMb, cpuMs } = result;
    const slowest = Math.max(...convergedMs);
    return {
      pass:
        differing === 0 && convergedMs.length === STORMS && slowest <= MOST_SECURE_MS && facts > 0 && lost === 0 && twice === 0,
      measured:
        `${agents} agents, ${agents * DEVICES_EACH} devices: first ${ms(firstMs)}, storms ${convergedMs.map(ms).join(', ')}, ${differing} differ; ` +
        `${facts} facts told, ${lost} lost, ${twice} twice; server ${residentMb.toFixed(0)} MB, processor ${cpuMs.map(ms).join(', ')}.`,
      figures: { slowestMs: Math.round(slowest), facts, lost, residentMb: Math.round(residentMb) },
    };
  },
};

const p99 = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.99)] ?? Number.NaN;

/** Must show 8. */
export const mutatedSessions: Promised = {
  id: 'mutated-sessions',
  zh: '100,000 个被种子篡改的真实 MQTT 会话：不崩溃，内存有界，其间叫号 p99 不超过安静时的两倍',
  en: 'A hundred thousand real MQTT sessions, mutated by a seed: nothing crashes, memory is bounded, and the p99 of calls meanwhile is at most twice the quiet one.',
  run: async ({ seed, quick, say }) => {
    const wanted = quick ? QUICK_SESSIONS : SESSIONS;
    const result = await runMutatedSessions({ seed, sessions: wanted, quietCalls: QUIET_CALLS, say });
    const { sessions, perSecond, crashes, notShown, quiet, spoiled, residentMb } = result;
    const [still, meanwhile] = [p99(quiet), p99(spoiled)];
    const growthMb = Math.min(...residentMb.slice(-3)) - Math.min(...residentMb.slice(3, 6));
    return {
      pass: sessions === wanted && crashes === 0 && notShown === 0 && meanwhile <= 2 * still && growthMb <= MOST_GROWTH_MB,
      measured:
        `${sessions} spoiled sessions, ${perSecond.toFixed(0)}/s, ${crashes} unasked ends, ${notShown} calls not shown; p99 of calls quiet ` +
        `${still.toFixed(1)} ms (${quiet.length}), meanwhile ${meanwhile.toFixed(1)} ms (${spoiled.length}); server ` +
        `${residentMb.map((mb) => mb.toFixed(0)).join(', ')} MB.`,
      figures: { sessions, perSecond: Math.round(perSecond), crashes, quietP99: still, meanwhileP99: meanwhile, growthMb },
    };
  },
};

/** Must show 8. */
export const slowLoris: Promised = {
  id: 'slow-loris',
  zh: '对每个监听端口各 500 个永不结束的慢连接（MQTT、TLS、HTTP、HTTPS、看板页、叫号口）与从不读取的订阅者：全部按所述时限切断，正常访问不受影响，叫号 p99 不超过安静时的两倍',
  en: 'Five hundred connections to each listener that never come to an end (MQTT, TLS, HTTP, HTTPS, board pages, call port), and readers that never read: all are cut within their stated limits, honest visitors come in, memory comes back, and the p99 of calls meanwhile is at most twice the quiet one.',
  run: async ({ quick, say }) => {
    const connections = quick ? QUICK_SLOW : SLOW;
    const result = await runSlowLoris({ connections, quietCalls: QUIET_CALLS, say });
    const { kinds, crashes, notShown, quiet, meanwhile, serverMb, agentMb, readers } = result;
    const [still, during] = [p99(quiet), p99(meanwhile)];
    // As above: once programs are warm, and what a collector leaves behind between two visits does not count.
    const growth = (mb: readonly number[]) => Math.min(...mb.slice(-3)) - Math.min(...mb.slice(3, 6));
    const growthMb = Math.max(growth(serverMb), growth(agentMb));
    const bad = kinds.filter(
      ({ made, cut, longestMs, limitMs, refused }) =>
        made < connections || cut < made || longestMs > limitMs + MOST_LATE_MS || refused > 0,
    );
    const pass =
      bad.length === 0 &&
      crashes === 0 &&
      notShown === 0 &&
      readers.left === 0 &&
      during <= 2 * still &&
      growthMb <= MOST_GROWTH_MB;
    const one = ({ id, made, cut, longestMs, limitMs, visits, refused }: (typeof kinds)[number]) =>
      `${id} ${cut}/${made} cut, longest ${(longestMs / 1000).toFixed(1)} s of ${limitMs / 1000} s, ${refused}/${visits} visits refused`;
    return {
      pass,
      measured:
        `${connections} connections at a time: ${kinds.map(one).join('; ')}. Of ${readers.wanted} sessions that never read ${readers.letIn} ` +
        `were let in, ${readers.left} left. ${crashes} unasked ends, ${notShown} calls not shown; p99 of calls quiet ${still.toFixed(1)} ms ` +
        `(${quiet.length}), meanwhile ${during.toFixed(1)} ms (${meanwhile.length}); server ` +
        `${serverMb.map((mb) => mb.toFixed(0)).join(', ')} MB, agent ${agentMb.map((mb) => mb.toFixed(0)).join(', ')} MB.`,
      figures: { connections, crashes, quietP99: still, meanwhileP99: during, growthMb, bad: bad.length },
    };
  },
};
