import type { AuditRow } from '@hall/contracts';
import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { Alert, Button, Table, type TableColumnsType } from 'antd';
import { codeText } from '../api/failure.ts';
import { useLanguage, useWords } from '../i18n/language.tsx';
import { useHallApi, useOverview } from '../live/hall-data.ts';
import { Failure } from '../shell/failure.tsx';
import { timeText, zoneOf } from '../time/hall-clock.ts';

const PAGE = 50;

function ChainCheck() {
  const words = useWords();
  const t = words.audit;
  const api = useHallApi();
  const check = useMutation({ mutationFn: () => api.auditVerdict() });
  const verdict = check.data;
  return (
    <>
      <div className="filters">
        <p className="help">{t.chain}</p>
        <Button onClick={() => check.mutate()} loading={check.isPending}>
          {t.check}
        </Button>
      </div>
      {check.error && <Failure error={check.error} />}
      {verdict?.whole === true && <Alert type="success" showIcon role="status" title={t.whole(verdict.rows ?? 0)} />}
      {verdict?.whole === false && <Alert type="error" showIcon role="alert" title={t.broken(verdict.broken ?? 0)} />}
    </>
  );
}

/** Who did what, newest first; a chain in which no row can be changed unseen. */
export default function AuditPage() {
  const { language, words } = useLanguage();
  const t = words.audit;
  const api = useHallApi();
  const { data: overview } = useOverview();
  const zone = zoneOf(overview);
  const audit = useInfiniteQuery({
    queryKey: ['audit'],
    queryFn: ({ pageParam }) => api.audit(pageParam > 0 ? pageParam : undefined),
    initialPageParam: 0,
    getNextPageParam: (last) => (last.length < PAGE ? undefined : last.at(-1)?.seq),
  });
  const columns: TableColumnsType<AuditRow> = [
    { title: t.at, key: 'at', render: (_, row) => <time className="number">{timeText(row.at, zone, 'full')}</time> },
    { title: t.person, dataIndex: 'person' },
    { title: t.action, key: 'action', render: (_, { action }) => t.actions[action] ?? action },
    { title: t.object, dataIndex: 'object', responsive: ['sm'] },
    {
      title: t.outcome,
      key: 'outcome',
      // Codes of the error table stand for refusals.
      render: (_, { outcome }) =>
        outcome === 'done' ? (
          t.outcomes[outcome]
        ) : (
          <span className="cause">△ {t.outcomes[outcome] ?? codeText(outcome, language)}</span>
        ),
    },
    { title: '#', dataIndex: 'seq', align: 'right', responsive: ['md'] },
    { title: t.hash, key: 'hash', responsive: ['lg'], render: (_, { hash }) => <code>{hash.slice(0, 12)}</code> },
  ];
  return (
    <>
      <h1>{t.title}</h1>
      <ChainCheck />
      {audit.error && <Failure error={audit.error} onRetry={() => void audit.refetch()} />}
      <Table<AuditRow>
        rowKey="seq"
        size="small"
        columns={columns}
        dataSource={audit.data?.pages.flat() ?? []}
        loading={audit.isPending}
        pagination={false}
        expandable={{
          expandedRowRender: (row) => (
            <dl className="pairs">
              <dt>{t.object}</dt>
              <dd>{row.object}</dd>
              <dt>{t.details}</dt>
              <dd>
                <code>{JSON.stringify(row.details)}</code>
              </dd>
              <dt>{t.hash}</dt>
              <dd>
                <code>{row.hash}</code>
              </dd>
            </dl>
          ),
        }}
        locale={{ emptyText: words.common.empty }}
      />
      {audit.hasNextPage && (
        <div className="table-more">
          <Button onClick={() => void audit.fetchNextPage()} loading={audit.isFetchingNextPage}>
            {words.common.older}
          </Button>
        </div>
      )}
    </>
  );
}
