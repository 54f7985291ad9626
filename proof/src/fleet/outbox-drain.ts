import { runOutboxDrain, type DrainResult } from '../runs/outbox-drain.ts';
import type { Promised } from '../promise.ts';

const ROWS = 100_000;
const QUICK_ROWS = 20_000;
const LEAST_PER_SECOND = 2000;

/** Whether everything arrived once and in order. */
export const isWhole = ({ lost, twice, disordered, gaps }: DrainResult): boolean =>
  lost === 0 && twice === 0 && disordered.length === 0 && gaps === 0;

const told = ({ rows, seconds, rowsPerSecond, lost, twice, disordered, kills }: DrainResult): string =>
  `${rows} records in ${seconds.toFixed(1)} s (${rowsPerSecond}/s) with ${kills} kills: lost ${lost}, twice ${twice}, ` +
  `devices out of order ${disordered.length}`;

/** Must show 4, the outbox. */
export const outboxDrain: Promised = {
  id: 'outbox-drain',
  zh: '代理断网 72 小时积压 100,000 条记录，恢复后每秒送达至少 2,000 条，一条不丢、不重，每台设备的顺序不变；途中 kill -9 代理和服务器亦然',
  en: '100,000 records of an agent cut off for 72 h drain at 2,000 rows/s or more, 0 lost, 0 twice, in order per device; the same with kill -9 of agent and server on the way.',
  run: async ({ quick, say }) => {
    const rows = quick ? QUICK_ROWS : ROWS;
    const quiet = await runOutboxDrain({ rows, kill: false, say });
    const killed = await runOutboxDrain({ rows, kill: true, say });
    return {
      pass: isWhole(quiet) && isWhole(killed) && killed.kills === 2 && quiet.rowsPerSecond >= LEAST_PER_SECOND,
      measured: `${told(quiet)}. ${told(killed)}.`,
      figures: { rows, rowsPerSecond: quiet.rowsPerSecond, lost: quiet.lost + killed.lost, twice: quiet.twice + killed.twice },
    };
  },
};
