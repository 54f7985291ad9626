import { useQuery } from '@tanstack/react-query';
import { Table, type TableColumnsType } from 'antd';
import type { Quarantined } from '../api/hall-api.ts';
import { codeText } from '../api/failure.ts';
import { useLanguage } from '../i18n/language.tsx';
import { useHallApi, useOverview } from '../live/hall-data.ts';
import { Failure } from '../shell/failure.tsx';
import { timeText, zoneOf } from '../time/hall-clock.ts';

/** Events that were refused: what was wrong, never what they said. */
export function Quarantine() {
  const { language, words } = useLanguage();
  const t = words.events;
  const api = useHallApi();
  const { data: overview } = useOverview();
  const zone = zoneOf(overview);
  const rows = useQuery({ queryKey: ['quarantine'], queryFn: () => api.quarantine() });
  const columns: TableColumnsType<Quarantined> = [
    {
      title: t.received,
      key: 'received',
      render: (_, row) => <time className="number">{timeText(row.receivedAt, zone, 'full')}</time>,
    },
    { title: t.code, key: 'code', render: (_, { code }) => codeText(code, language) },
    { title: t.type, key: 'type', render: (_, { type }) => (type === null ? '—' : (words.eventType[type] ?? type)) },
    { title: t.field, key: 'field', render: (_, { field }) => field ?? '—' },
    { title: t.reason, key: 'reason', responsive: ['md'], render: (_, { reason }) => reason ?? '—' },
    { title: t.source, key: 'source', responsive: ['lg'], render: (_, { source }) => source ?? '—' },
    { title: t.digest, key: 'digest', responsive: ['xl'], render: (_, { digest }) => <code>{digest.slice(0, 12)}</code> },
  ];
  return (
    <>
      <p className="help">{t.quarantineHelp}</p>
      {rows.error && <Failure error={rows.error} onRetry={() => void rows.refetch()} />}
      <Table<Quarantined>
        rowKey="seq"
        size="small"
        columns={columns}
        dataSource={rows.data ?? []}
        loading={rows.isPending}
        pagination={{ defaultPageSize: 50, hideOnSinglePage: true, showSizeChanger: false }}
        locale={{ emptyText: t.noQuarantine }}
      />
    </>
  );
}
