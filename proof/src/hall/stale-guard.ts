import { runStaleGuard } from '../runs/stale-guard.ts';
import type { Promised } from '../promise.ts';

const SERVICE_MS = 40 * 60_000;
const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

/** Must show 6. */
export const staleGuard: Promised = {
  id: 'stale-guard',
  zh: '断开代理后，每块条屏在期限内自己换成中性文字；数据正常时，40 分钟的办理从不变成过期画面',
  en: 'With the agent cut off, each strip changes itself to the neutral text within its maximum age; a 40-minute service with a healthy feed never goes stale.',
  run: async () => {
    const { neutralMs, silentFeedMs, storedMs, limits, watchedMs, changesInService } = await runStaleGuard();
    return {
      pass:
        neutralMs <= limits.neutralMs &&
        silentFeedMs <= limits.silentFeedMs &&
        storedMs <= limits.storedMs &&
        watchedMs >= SERVICE_MS &&
        changesInService.length === 0,
      measured:
        `agent cut off: neutral after ${seconds(neutralMs)} (≤ ${seconds(limits.neutralMs)}); platform silent: neutral after ` +
        `${seconds(silentFeedMs)} (≤ ${seconds(limits.silentFeedMs)}); cable of the strip cut: the card's own programme after ` +
        `${seconds(storedMs)} (≤ ${seconds(limits.storedMs)}); a service of ${watchedMs / 60_000} minutes: ` +
        `${changesInService.length} other pictures.`,
      figures: { neutralMs, silentFeedMs, storedMs, serviceMinutes: watchedMs / 60_000, changes: changesInService.length },
    };
  },
};
