import type { AgentKeyView, AgentView } from '@hall/contracts';
import { useWords } from '../i18n/language.tsx';
import { useOverview } from '../live/hall-data.ts';
import { timeText, zoneOf } from '../time/hall-clock.ts';

const BYTES_PER_GB = 1024 ** 3;

/** What is seldom asked of an agent: what it can drive, its disk, its records, and the key it is known by. */
export function AgentDetails({ agent, keyView }: { agent: AgentView; keyView: AgentKeyView | undefined }) {
  const words = useWords();
  const t = words.devices;
  const zone = zoneOf(useOverview().data);
  const free = agent.status?.disk?.freeBytes;
  return (
    <dl className="pairs">
      <dt>{t.drivers}</dt>
      <dd>{agent.drivers.map(({ title }) => title).join(words.overview.listSeparator) || '—'}</dd>
      <dt>{t.diskFree}</dt>
      <dd>{free === undefined ? '—' : `${(free / BYTES_PER_GB).toFixed(1)} GB`}</dd>
      <dt>{t.outbox}</dt>
      <dd>{agent.outboxAck}</dd>
      <dt>{words.fleet.print}</dt>
      <dd className="print-text">{keyView?.fingerprint ?? '—'}</dd>
      <dt>{t.added}</dt>
      <dd>{timeText(agent.addedAt, zone, 'full')}</dd>
    </dl>
  );
}
