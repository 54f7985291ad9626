import { percentile } from '../harness/figures.ts';
import { isClean, type Account } from '../runs/busy-hall.ts';
import { runLongPartition } from '../runs/long-partition.ts';
import { runPartitions, runWeakLink } from '../runs/partitions.ts';
import { readTally } from '../harness/judge.ts';
import type { Promised } from '../promise.ts';

/** What must be so of every run, as a sentence. */
export const readAccount = (account: Account): string =>
  `${account.acknowledged} events acknowledged, lost ${account.lost.length}, applied twice ${account.twice}, earlier calls shown again ` +
  `${account.steppedBack.length}, strips different ${account.differingStrips.length}, records of agents lost ${account.outboxGaps}, ` +
  `unasked ends ${account.crashes.length}. Screen-seconds: ${readTally(account.tally).text}`;

const HEAL_MS = 3000;
const LONG_HEAL_MS = 10_000;

/** F16, F18. */
export const partitions: Promised = {
  id: 'partitions',
  zh: '服务器与代理之间无声断网 20 次（每次 10 至 40 秒，负载不停）：恢复后 99 % 在 3 秒内画面正确，一件不丢',
  en: 'Server and agents parted without a word 20 times (10 to 40 s each, under load): strips right within 3 s of the healing at p99, nothing lost.',
  long: true,
  run: async ({ seed, quick, say }) => {
    const size = quick ? { cuts: 4, lastsMs: [10_000, 12_000] as const } : { cuts: 20, lastsMs: [10_000, 40_000] as const };
    const { healMs, account } = await runPartitions({ seed, ...size, say });
    const [p50, p99] = [percentile(healMs, 0.5), percentile(healMs, 0.99)];
    return {
      pass: healMs.length === size.cuts && p99 <= HEAL_MS && isClean(account),
      measured: `${healMs.length} cuts: right again after p50 ${p50.toFixed(0)}, p99 ${p99.toFixed(0)} ms (<= ${HEAL_MS}). ${readAccount(account)}`,
      figures: { cuts: healMs.length, healP50Ms: Math.round(p50), healP99Ms: Math.round(p99) },
    };
  },
};

/** F16, its long cuts, in fake time. */
export const longPartitions: Promised = {
  id: 'long-partitions',
  zh: '断网 5 分钟和 8 小时：期间不显示旧号，恢复后 3 秒（8 小时为 10 秒）内正确，不重放错过的呼叫',
  en: 'Parted for 5 minutes and for 8 hours: no old number meanwhile, right within 3 s (10 s after 8 h), missed calls are not replayed.',
  run: async ({ quick, say }) => {
    const cuts = [
      { name: '5 min', cutMs: 5 * 60_000, limitMs: HEAL_MS },
      ...(quick ? [] : [{ name: '8 h', cutMs: 8 * 3_600_000, limitMs: LONG_HEAL_MS }]),
    ];
    let pass = true;
    const texts: string[] = [];
    for (const { name, cutMs, limitMs } of cuts) {
      const { healMs, replayed, shownWhileCut } = await runLongPartition(cutMs);
      const numbers = shownWhileCut.filter((text) => /[AB]\d{3}/.test(text));
      pass &&= healMs <= limitMs && replayed.length === 0 && numbers.length === 0;
      const text = `${name}: right after ${healMs} ms (<= ${limitMs}), replayed ${replayed.length}, numbers while cut ${numbers.length}`;
      say(text);
      texts.push(text);
    }
    return { pass, measured: texts.join('; ') };
  },
};

const weak = async (
  seed: number,
  forMs: number,
  weaken: Parameters<typeof runWeakLink>[0]['weaken'],
): Promise<{ readonly p50: number; readonly p99: number; readonly clean: boolean; readonly text: string }> => {
  const { latencyMs, account } = await runWeakLink({ seed, forMs, weaken });
  const [p50, p99] = [percentile(latencyMs, 0.5), percentile(latencyMs, 0.99)];
  const text = `${latencyMs.length} changes, p50 ${p50.toFixed(0)}, p99 ${p99.toFixed(0)} ms; ${readAccount(account)}`;
  return { p50, p99, clean: isClean(account) && latencyMs.length > 0, text };
};

/** F17. */
export const lossyNetwork: Promised = {
  id: 'lossy-network',
  zh: '网络双向丢包 10 % 和 40 %：呼叫都到达，10 % 时 p99 ≤ 2 秒，无重复无错误',
  en: '10 % and 40 % of all packets lost both ways: every call arrives, p99 within 2 s at 10 %, nothing twice, nothing wrong.',
  long: true,
  run: async ({ seed, quick }) => {
    const forMs = quick ? 20_000 : 90_000;
    const ten = await weak(seed, forMs, (link) => link.lose('both', 0.1));
    const forty = await weak(seed + 1, forMs, (link) => link.lose('both', 0.4));
    return {
      pass: ten.clean && forty.clean && ten.p99 <= 2000,
      measured: `10 %: ${ten.text}. 40 %: ${forty.text}`,
      figures: { p99Ms: Math.round(ten.p99), p99At40Ms: Math.round(forty.p99) },
    };
  },
};

/** F19. */
export const slowNetwork: Promised = {
  id: 'slow-network',
  zh: '64 kbit/s、队列 500 毫秒的线路：呼叫 p99 ≤ 3 秒',
  en: 'A line of 64 kbit/s with a queue of 500 ms: calls arrive within 3 s at p99.',
  long: true,
  run: async ({ seed, quick }) => {
    const slow = await weak(seed, quick ? 20_000 : 90_000, (link) => link.slow('both', { kbit: 64, queueMs: 500 }));
    return { pass: slow.clean && slow.p99 <= 3000, measured: slow.text, figures: { p99Ms: Math.round(slow.p99) } };
  },
};
