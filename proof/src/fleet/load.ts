import type { Promised } from '../promise.ts';
import { runMutatedSessions } from '../runs/mutated-sessions.ts';
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
