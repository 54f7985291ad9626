import type { IslandActView, IslandAgentView } from '@hall/contracts';
import { islandConflicts } from '@hall/contracts';
import { useQuery } from '@tanstack/react-query';
import { Checkbox, Table, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { useLanguage } from '../i18n/language.tsx';
import { useHallApi, useOverview } from '../live/hall-data.ts';
import { useHallNames } from '../live/hall-names.ts';
import { Failure } from '../shell/failure.tsx';
import { timeText, zoneOf } from '../time/hall-clock.ts';

/** How often it is read again, ms: verdicts change when the platform speaks. */
const AGAIN_MS = 5000;
const CONFLICTS: readonly string[] = islandConflicts;

/** What agents called while the server was away, and where the platform says otherwise. */
export function IslandList() {
  const { words } = useLanguage();
  const t = words.island;
  const api = useHallApi();
  const names = useHallNames();
  const { data: overview } = useOverview();
  const zone = zoneOf(overview);
  const [conflicts, setConflicts] = useState(false);
  const view = useQuery({ queryKey: ['island', conflicts], queryFn: () => api.island(conflicts), refetchInterval: AGAIN_MS });
  const numberOf = (window: string | null) => (window === null ? '' : (names.window(window) ?? window));
  const acts: TableColumnsType<IslandActView> = [
    {
      title: words.events.time,
      key: 'time',
      width: 110,
      render: (_, { at }) => <time className="number">{timeText(at, zone, 'clock')}</time>,
    },
    { title: words.events.window, key: 'window', render: (_, row) => numberOf(row.window) },
    { title: t.act, key: 'act', render: (_, { act }) => t.acts[act] },
    { title: t.ticket, key: 'ticket', render: (_, { ticket }) => ticket ?? '—' },
    {
      title: t.platform,
      key: 'verdict',
      render: (_, { verdict, elsewhere }) => (
        <span className={CONFLICTS.includes(verdict) ? 'cause' : undefined}>
          {`${CONFLICTS.includes(verdict) ? '△ ' : ''}${t.verdicts[verdict]}${elsewhere === null ? '' : ` (${numberOf(elsewhere)})`}`}
        </span>
      ),
    },
    { title: t.agent, dataIndex: 'agent', responsive: ['md'] },
    { title: t.key, dataIndex: 'key', responsive: ['lg'] },
  ];
  const agents: TableColumnsType<IslandAgentView> = [
    { title: t.agent, dataIndex: 'agent' },
    {
      title: t.state,
      key: 'state',
      render: (_, { phase, since, blanked }) => (
        <>
          {t.phases[phase]}
          {since !== null && <time className="quiet">{` ${timeText(since, zone, 'full')}`}</time>}
          {blanked && <span className="cause">{` △ ${t.blanked}`}</span>}
        </>
      ),
    },
    {
      title: t.approvers,
      key: 'approvers',
      responsive: ['md'],
      render: (_, { approvers }) =>
        approvers.length === 0
          ? '—'
          : approvers.map(({ name, fingerprint }) => (
              <div key={fingerprint}>
                {name} <code>{fingerprint.slice(0, 19)}</code>
              </div>
            )),
    },
  ];
  return (
    <>
      <p className="help">{t.help}</p>
      {view.error && <Failure error={view.error} onRetry={() => void view.refetch()} />}
      <div className="filters" role="search">
        <Checkbox checked={conflicts} onChange={(event) => setConflicts(event.target.checked)}>
          {t.onlyConflicts(view.data?.conflicts ?? 0)}
        </Checkbox>
      </div>
      <Table<IslandActView>
        rowKey={({ agent, islandSeq, receivedAt }) => `${agent} ${islandSeq} ${receivedAt}`}
        size="small"
        columns={acts}
        dataSource={view.data?.acts ?? []}
        loading={view.isPending}
        pagination={{ defaultPageSize: 50, hideOnSinglePage: true, showSizeChanger: false }}
        locale={{ emptyText: t.none }}
      />
      <h2>{t.agents}</h2>
      <Table<IslandAgentView>
        rowKey="agent"
        size="small"
        columns={agents}
        dataSource={view.data?.agents ?? []}
        loading={view.isPending}
        pagination={false}
        locale={{ emptyText: words.common.empty }}
      />
    </>
  );
}
