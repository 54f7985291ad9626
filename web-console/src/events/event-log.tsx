import type { EventRow } from '@hall/contracts';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Button, Checkbox, Select, Table, type TableColumnsType } from 'antd';
import { useMemo, useState } from 'react';
import type { EventFilter } from '../api/hall-api.ts';
import { codeText } from '../api/failure.ts';
import { useLanguage } from '../i18n/language.tsx';
import { useHallNames } from '../live/hall-names.ts';
import { useHallApi, useOverview, useRecentEvents } from '../live/hall-data.ts';
import { mergeEvents } from '../live/merge.ts';
import { TraceTimeline } from '../overview/trace-timeline.tsx';
import { Failure } from '../shell/failure.tsx';
import { timeText, zoneOf } from '../time/hall-clock.ts';
import { matches } from './filter.ts';
import { gistOf } from './gist.ts';

const PAGE = 50;

function EventDetails({ row, zone }: { row: EventRow; zone: string }) {
  const { language, words } = useLanguage();
  const t = words.events;
  const { code } = row.data;
  return (
    <div className="event-details">
      <dl className="pairs">
        <dt>{t.source}</dt>
        <dd>{row.source}</dd>
        <dt>ID</dt>
        <dd>{row.id}</dd>
        <dt>{t.subject}</dt>
        <dd>{row.subject || '—'}</dd>
        {typeof code === 'string' && (
          <>
            <dt>{t.code}</dt>
            <dd>
              {codeText(code, language)} <code>{code}</code>
            </dd>
          </>
        )}
        <dt>{t.received}</dt>
        <dd>{timeText(row.receivedAt, zone, 'full')}</dd>
        <dt>{t.data}</dt>
        <dd>
          <code>{JSON.stringify(row.data)}</code>
        </dd>
      </dl>
      <TraceTimeline event={row} />
    </div>
  );
}

/** Facts newest first; new ones appear by themselves, older ones on request. */
export function EventLog() {
  const { language, words } = useLanguage();
  const t = words.events;
  const api = useHallApi();
  const { data: overview } = useOverview();
  const zone = zoneOf(overview);
  const [filter, setFilter] = useState<EventFilter>({});
  const stored = useInfiniteQuery({
    queryKey: ['events', 'log', filter],
    queryFn: ({ pageParam }) => api.events({ ...filter, limit: PAGE, ...(pageParam > 0 && { before: pageParam }) }),
    initialPageParam: 0,
    getNextPageParam: (last) => (last.length < PAGE ? undefined : last.at(-1)?.seq),
  });
  const arrived = useRecentEvents((held) => held.events);
  const rows = useMemo(() => {
    const read = stored.data?.pages.flat() ?? [];
    const fresh = arrived.filter((row) => row.seq > (read[0]?.seq ?? 0) && matches(row, filter));
    return mergeEvents(read, fresh, read.length + fresh.length);
  }, [stored.data, arrived, filter]);
  const set = (change: { [K in keyof EventFilter]: EventFilter[K] | undefined }) =>
    setFilter(
      Object.fromEntries(Object.entries({ ...filter, ...change }).filter(([, value]) => value !== undefined && value !== '')),
    );
  const names = useHallNames();
  const numberOf = (id: unknown) => (typeof id === 'string' ? (names.window(id) ?? id) : '');
  const columns: TableColumnsType<EventRow> = [
    {
      title: t.time,
      key: 'time',
      width: 110,
      render: (_, row) => <time className="number">{timeText(row.time, zone, 'clock')}</time>,
    },
    { title: t.type, key: 'type', render: (_, row) => words.eventType[row.type] ?? row.type },
    { title: t.window, key: 'window', render: (_, row) => numberOf(row.data['window']) },
    { title: t.data, key: 'gist', render: (_, row) => gistOf(row, { language, words, names }) },
    {
      title: t.flag,
      key: 'flag',
      render: (_, { flag }) => flag && <span className="cause">{`△ ${words.flag[flag] ?? flag}`}</span>,
    },
    { title: '#', dataIndex: 'seq', align: 'right', responsive: ['md'] },
  ];
  return (
    <>
      <div className="filters" role="search">
        <Select
          aria-label={t.type}
          className="filter-select"
          showSearch={{ optionFilterProp: 'label' }}
          value={filter.type ?? ''}
          onChange={(type) => set({ type })}
          options={[
            { value: '', label: t.anyType },
            ...Object.entries(words.eventType).map(([value, label]) => ({ value, label })),
          ]}
        />
        <Select
          aria-label={t.window}
          className="filter-select"
          showSearch={{ optionFilterProp: 'label' }}
          value={filter.window ?? ''}
          onChange={(window) => set({ window })}
          options={[
            { value: '', label: t.anyWindow },
            ...(overview?.windows ?? []).map(({ id, number }) => ({ value: id, label: words.overview.windowNumber(number) })),
          ]}
        />
        <Checkbox checked={filter.flagged === true} onChange={(event) => set({ flagged: event.target.checked || undefined })}>
          {t.flagged}
        </Checkbox>
      </div>
      {stored.error && <Failure error={stored.error} onRetry={() => void stored.refetch()} />}
      <Table<EventRow>
        rowKey="seq"
        size="small"
        columns={columns}
        dataSource={[...rows]}
        loading={stored.isPending}
        pagination={false}
        expandable={{ expandedRowRender: (row) => <EventDetails row={row} zone={zone} /> }}
        locale={{ emptyText: words.common.empty }}
      />
      <div className="table-more">
        {stored.hasNextPage ? (
          <Button onClick={() => void stored.fetchNextPage()} loading={stored.isFetchingNextPage}>
            {words.common.older}
          </Button>
        ) : (
          <span className="quiet">{stored.isPending ? '' : words.common.noMore}</span>
        )}
      </div>
    </>
  );
}
