import { readTally } from '../harness/judge.ts';
import { isClean } from '../runs/busy-hall.ts';
import { runKills } from '../runs/kills.ts';
import type { Promised } from '../promise.ts';

const KILLS = 100;
const QUICK_KILLS = 10;
const EVENTS_PER_SECOND = 50;

/** Must show 4, first half. */
export const kill9: Promised = {
  id: 'kill-9',
  zh: '在负载下随机 kill -9 服务器、代理或全部 100 次：已确认的事件一个不丢，设备上没有重复效果，之后画面与模型一致',
  en: 'kill -9 of server, agent or all, 100 times at random points under load: 0 acknowledged events lost, 0 duplicate effects at the devices, screens equal to the model afterwards.',
  run: async ({ seed, quick, say }) => {
    const kills = quick ? QUICK_KILLS : KILLS;
    const result = await runKills({ seed, kills, eventsPerSecond: EVENTS_PER_SECOND, say });
    for (const one of result.evidence.slice(0, 5)) say(JSON.stringify(one));
    const { server, agent, both } = result.kills;
    const slowest = Math.max(0, ...result.readyMs);
    return {
      pass: isClean(result),
      measured:
        `${kills} kills (server ${server}, one agent ${agent}, all ${both}) while ${result.sent} events were sent; ` +
        `${result.acknowledged} acknowledged, lost ${result.lost.length}, applied twice ${result.twice}, earlier calls shown again ` +
        `${result.steppedBack.length}, strips different ${result.differingStrips.length}, windows different ` +
        `${result.differingWindows.length}, records of agents lost ${result.outboxGaps}, unasked ends ${result.crashes.length}, ` +
        `database ${result.integrity}. Screen-seconds: ${readTally(result.tally).text}. Slowest start ${(slowest / 1000).toFixed(1)} s.`,
      figures: {
        kills,
        acknowledged: result.acknowledged,
        lost: result.lost.length,
        steppedBack: result.steppedBack.length,
        wrongS: result.tally.wrong / 1000,
      },
    };
  },
};
