import { runFloods } from '../runs/floods.ts';
import type { Promised } from '../promise.ts';

const SLOWEST_MS = 2500;
const MOST_GROWTH_MB = 5;
const ms = (value: number) => `${value.toFixed(0)} ms`;

/** Part of must show 8; the benchmark measures the same with more care. */
export const frozenAndFloods: Promised = {
  id: 'frozen-and-floods',
  zh: '一个停止读取的订阅者和超大报文洪水期间，叫号延迟不超过 2.5 秒，服务器内存不持续增长',
  en: 'While one subscriber is frozen and floods of oversize packets come, a call is delayed ≤ 2.5 s and the memory of the server does not keep growing.',
  run: async () => {
    const result = await runFloods();
    // In the first half the runtime finds the size of its heap. A leak goes on: the least of the last quarter, over that of the one before.
    const { laterMb } = result;
    const [half, last] = [laterMb.length / 2, (laterMb.length * 3) / 4];
    const growthMb = Math.min(...laterMb.slice(last)) - Math.min(...laterMb.slice(half, last));
    return {
      pass:
        result.frozenMs <= SLOWEST_MS &&
        result.floodMs <= SLOWEST_MS &&
        result.frozenCut &&
        result.cut === result.floodConnections &&
        result.notShown === 0 &&
        growthMb <= MOST_GROWTH_MB,
      measured:
        `slowest of ${result.calls} calls, from sending to the strip: quiet ${ms(result.quietMs)}, frozen subscriber ` +
        `${ms(result.frozenMs)} (${(result.frozenBytes / 1e6).toFixed(0)} MB unread, then ${result.frozenCut ? 'cut off' : 'NOT cut off'}), floods ${ms(result.floodMs)}; ` +
        `${result.cut} of ${result.floodConnections} flooding connections cut; resident ${result.residentMb.toFixed(0)} MB, then ` +
        `${laterMb.map((mb) => mb.toFixed(0)).join(', ')} MB (in the end ${growthMb.toFixed(1)} MB more); ${result.notShown} calls not shown.`,
      figures: { frozenMs: result.frozenMs, floodMs: result.floodMs, growthMb },
    };
  },
};
