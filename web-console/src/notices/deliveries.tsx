import type { Delivery, NoticeChannel } from '@hall/contracts';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Button, Table, type TableColumnsType } from 'antd';
import { useLanguage } from '../i18n/language.tsx';
import { useHallApi, useOverview } from '../live/hall-data.ts';
import { Failure } from '../shell/failure.tsx';
import { Mark } from '../shell/mark.tsx';
import { timeText, zoneOf } from '../time/hall-clock.ts';

const PAGE = 50;
const REREAD_MS = 5000;

/** What was sent and what came of it, newest first. */
export function Deliveries({ channels }: { channels: readonly NoticeChannel[] }) {
  const { language, words } = useLanguage();
  const t = words.notices;
  const api = useHallApi();
  const { data: overview } = useOverview();
  const rows = useInfiniteQuery({
    queryKey: ['deliveries'],
    queryFn: ({ pageParam }) => api.deliveries(pageParam > 0 ? pageParam : undefined),
    initialPageParam: 0,
    getNextPageParam: (last) => (last.length < PAGE ? undefined : last.at(-1)?.seq),
    refetchInterval: REREAD_MS,
  });
  const nameOf = (id: string) => channels.find((channel) => channel.id === id)?.name ?? id;
  const columns: TableColumnsType<Delivery> = [
    {
      title: t.at,
      key: 'at',
      render: (_, { createdAt }) => <time className="number">{timeText(createdAt, zoneOf(overview), 'full')}</time>,
    },
    { title: t.what, key: 'what', render: (_, { what }) => t.whats[what] },
    { title: t.alarm, key: 'alarm', render: (_, { title }) => title[language] },
    { title: t.channel, key: 'channel', render: (_, { channel }) => nameOf(channel) },
    { title: t.to, key: 'to', responsive: ['md'], render: (_, { people }) => people.join(words.overview.listSeparator) },
    {
      title: t.state,
      key: 'state',
      render: (_, { state, merged }) => (
        <Mark good={state !== 'failed'} quietWhenGood>
          {merged > 1 ? `${t.delivery[state]} · ${t.merged(merged)}` : t.delivery[state]}
        </Mark>
      ),
    },
    { title: t.tries, dataIndex: 'tries', align: 'right', responsive: ['lg'] },
    {
      title: t.answer,
      key: 'answer',
      responsive: ['sm'],
      render: (_, { code, answer }) => (
        <>
          <code>{code}</code>
          {answer && <div className="quiet">{answer}</div>}
        </>
      ),
    },
  ];
  return (
    <>
      {rows.error && <Failure error={rows.error} onRetry={() => void rows.refetch()} />}
      <Table<Delivery>
        rowKey="seq"
        size="small"
        columns={columns}
        dataSource={rows.data?.pages.flat() ?? []}
        loading={rows.isPending}
        pagination={false}
        locale={{ emptyText: t.noDeliveries }}
      />
      {rows.hasNextPage && (
        <div className="table-more">
          <Button onClick={() => void rows.fetchNextPage()} loading={rows.isFetchingNextPage}>
            {words.common.older}
          </Button>
        </div>
      )}
    </>
  );
}
