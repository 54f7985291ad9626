import { repairKinds, workOrderStates, type RepairRow, type WorkOrder } from '@hall/contracts';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Button, Select, Table, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { useWords } from '../i18n/language.tsx';
import { useDevices, useHallApi, useOverview } from '../live/hall-data.ts';
import { Failure } from '../shell/failure.tsx';
import { useMay } from '../shell/me.ts';
import { saveFile } from '../shell/save-file.ts';
import { useFailureMessage } from '../shell/use-failure-message.ts';
import { timeText, zoneOf } from '../time/hall-clock.ts';
import { NewOrder, OrderDialog } from './order-dialog.tsx';
import { repairMs, repairText } from './order-text.ts';

const PAGE = 50;
type Filter = 'unfinished' | 'all' | WorkOrder['state'];

function Repairs() {
  const words = useWords();
  const t = words.workOrders;
  const api = useHallApi();
  const [by, setBy] = useState<(typeof repairKinds)[number]>('driver');
  const rows = useQuery({ queryKey: ['repairs', by], queryFn: () => api.repairs(by) });
  const columns: TableColumnsType<RepairRow> = [
    { title: t.kind, key: 'kind', render: (_, { kind }) => (kind === '' ? <span className="quiet">{t.unnamed}</span> : kind) },
    { title: t.done, dataIndex: 'done', align: 'right' },
    { title: t.mean, key: 'mean', align: 'right', render: (_, { meanMs }) => repairText(meanMs, t) },
    { title: t.longest, key: 'longest', align: 'right', render: (_, { longestMs }) => repairText(longestMs, t) },
    {
      title: t.work,
      key: 'work',
      align: 'right',
      responsive: ['sm'],
      render: (_, { meanWorkMin }) => (meanWorkMin === null ? '—' : t.minutes(String(Math.round(meanWorkMin)))),
    },
  ];
  return (
    <section>
      <div className="page-head">
        <h2>{t.repairs}</h2>
        <Select
          aria-label={t.repairsBy}
          value={by}
          onChange={setBy}
          options={repairKinds.map((value) => ({ value, label: t.kinds[value] }))}
        />
      </div>
      {rows.error && <Failure error={rows.error} onRetry={() => void rows.refetch()} />}
      <Table<RepairRow>
        rowKey="kind"
        size="small"
        columns={columns}
        dataSource={rows.data ?? []}
        loading={rows.isPending}
        pagination={false}
        locale={{ emptyText: t.noRepairs }}
      />
    </section>
  );
}

/** What is to be done about faults, by whom, and how long it takes. */
export default function WorkOrdersPage() {
  const words = useWords();
  const t = words.workOrders;
  const api = useHallApi();
  const tell = useFailureMessage();
  const mayAct = useMay('work_order.act');
  const { data: overview } = useOverview();
  const { data: devices } = useDevices();
  const zone = zoneOf(overview);
  const [filter, setFilter] = useState<Filter>('unfinished');
  const [adding, setAdding] = useState(false);
  const [shown, setShown] = useState<number>();
  const orders = useInfiniteQuery({
    queryKey: ['work-orders', filter],
    queryFn: ({ pageParam }) =>
      api.workOrders({ state: filter === 'all' ? undefined : filter, before: pageParam > 0 ? pageParam : undefined }),
    initialPageParam: 0,
    getNextPageParam: (last) => (last.length < PAGE ? undefined : last.at(-1)?.id),
  });
  const rows = orders.data?.pages.flat() ?? [];
  const order = rows.find(({ id }) => id === shown);
  const columns: TableColumnsType<WorkOrder> = [
    { title: '#', dataIndex: 'id', align: 'right' },
    {
      title: t.name,
      key: 'title',
      render: (_, { id, title }) => (
        <Button type="link" className="cell-link" onClick={() => setShown(id)}>
          {title}
        </Button>
      ),
    },
    { title: t.state, key: 'state', render: (_, { state }) => t.states[state] },
    {
      title: t.device,
      key: 'device',
      responsive: ['sm'],
      render: (_, { device }) => devices?.find(({ id }) => id === device)?.name ?? device ?? '—',
    },
    { title: t.person, dataIndex: 'person', responsive: ['sm'] },
    { title: t.part, dataIndex: 'part', responsive: ['lg'] },
    { title: t.opened, key: 'opened', responsive: ['md'], render: (_, { openedAt }) => timeText(openedAt, zone, 'full') },
    {
      title: t.repair,
      key: 'repair',
      align: 'right',
      responsive: ['md'],
      render: (_, row) => {
        const ms = repairMs(row);
        return ms === undefined ? '—' : repairText(ms, t);
      },
    },
  ];
  const filters: readonly { readonly value: Filter; readonly label: string }[] = [
    { value: 'unfinished', label: t.filters.unfinished },
    { value: 'all', label: t.filters.all },
    ...workOrderStates.map((state) => ({ value: state, label: t.states[state] })),
  ];
  return (
    <>
      <h1>{t.title}</h1>
      <div className="filters">
        <Select<Filter>
          aria-label={t.filter}
          className="filter-select"
          value={filter}
          onChange={setFilter}
          options={[...filters]}
        />
        {mayAct && (
          <Button type="primary" onClick={() => setAdding(true)}>
            {t.add}
          </Button>
        )}
        <Button onClick={() => void api.workOrdersCsv().then((text) => saveFile('work-orders.csv', text, 'text/csv'), tell)}>
          {t.export}
        </Button>
      </div>
      {orders.error && <Failure error={orders.error} onRetry={() => void orders.refetch()} />}
      <Table<WorkOrder>
        rowKey="id"
        size="small"
        columns={columns}
        dataSource={rows}
        loading={orders.isPending}
        pagination={false}
        locale={{ emptyText: t.noOrders }}
      />
      {orders.hasNextPage && (
        <div className="table-more">
          <Button onClick={() => void orders.fetchNextPage()} loading={orders.isFetchingNextPage}>
            {words.common.older}
          </Button>
        </div>
      )}
      <Repairs />
      {adding && <NewOrder start={{}} onClose={() => setAdding(false)} />}
      {order && (
        <OrderDialog key={`${order.id} ${order.ver}`} order={order} mayAct={mayAct} onClose={() => setShown(undefined)} />
      )}
    </>
  );
}
