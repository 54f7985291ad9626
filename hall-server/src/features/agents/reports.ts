/** What each device reported last, and what of it is still to be saved. */
import type { Reported } from '@hall/contracts';
import type { Writer } from '../../platform/store/writer.ts';
import type { AgentStore } from './store.ts';
import type { Report } from './views.ts';

export interface Reports {
  of(device: string): Report | undefined;
  /** False for a report that is not newer than the one held. `receivedAt`: wall time, Unix ms. */
  take(agent: string, device: string, report: Reported, receivedAt: number): boolean;
  /** Saves what was taken since the last time; what could not be saved is tried again the next time. */
  flush(): Promise<void>;
}

/** Begins with the reports in the store. */
export function createReports(store: Pick<AgentStore, 'reports'>, writer: Pick<Writer, 'call'>): Reports {
  const held = new Map<string, Report>(
    store
      .reports()
      .map(({ device, received_at: receivedAt, body }) => [device, { report: JSON.parse(body) as Reported, receivedAt }]),
  );
  /** Device to agent. */
  const unsaved = new Map<string, string>();
  return {
    of: (device) => held.get(device),
    take: (agent, device, report, receivedAt) => {
      const before = held.get(device)?.report;
      if (before?.epoch === report.epoch && before.seq >= report.seq) return false;
      held.set(device, { report, receivedAt });
      unsaved.set(device, agent);
      return true;
    },
    flush: async () => {
      if (unsaved.size === 0) return;
      const taken = [...unsaved];
      const rows = taken.flatMap(([device, agent]) => {
        const report = held.get(device);
        if (!report) return [];
        const { epoch, seq } = report.report;
        return [{ device, agent, epoch, seq, receivedAt: report.receivedAt, body: JSON.stringify(report.report) }];
      });
      unsaved.clear();
      try {
        await writer.call('agents.reports', { rows });
      } catch (error) {
        for (const [device, agent] of taken) if (!unsaved.has(device)) unsaved.set(device, agent);
        throw error;
      }
    },
  };
}
