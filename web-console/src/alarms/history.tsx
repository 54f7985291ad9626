import type { AlarmEvent } from '@hall/contracts';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Button, Table, type TableColumnsType } from 'antd';
import { useWords } from '../i18n/language.tsx';
import { useDevices, useHallApi, useOverview } from '../live/hall-data.ts';
import { Failure } from '../shell/failure.tsx';
import { timeText, zoneOf } from '../time/hall-clock.ts';
import { useAlarmText } from './alarm-words.ts';

const PAGE = 50;

/** What happened to all alarms, newest first. */
export function AlarmHistory() {
  const words = useWords();
  const t = words.alarms;
  const api = useHallApi();
  const textOf = useAlarmText();
  const { data: overview } = useOverview();
  const zone = zoneOf(overview);
  const { data: devices = [] } = useDevices();
  const names = new Map(devices.map(({ id, name }) => [id, name]));
  const history = useInfiniteQuery({
    queryKey: ['alarm-history'],
    queryFn: ({ pageParam }) => api.alarmHistory(pageParam > 0 ? pageParam : undefined),
    initialPageParam: 0,
    getNextPageParam: (last) => (last.length < PAGE ? undefined : last.at(-1)?.seq),
    staleTime: 0,
  });
  const columns: TableColumnsType<AlarmEvent> = [
    { title: words.audit.at, key: 'at', render: (_, { at }) => <time className="number">{timeText(at, zone, 'full')}</time> },
    { title: t.column.state, key: 'what', render: (_, { what }) => t.what[what] },
    {
      title: t.column.alarm,
      key: 'alarm',
      render: (_, { type, object }) => {
        const { title, object: name } = textOf({ type, object, name: names.get(object.id) ?? object.id });
        return `${title} · ${name}`;
      },
    },
    {
      title: words.audit.person,
      key: 'person',
      responsive: ['sm'],
      render: (_, { person }) => (person === 'system' ? t.system : person),
    },
    { title: t.comment, dataIndex: 'text', responsive: ['md'] },
  ];
  return (
    <>
      {history.error && <Failure error={history.error} onRetry={() => void history.refetch()} />}
      <Table<AlarmEvent>
        rowKey="seq"
        size="small"
        columns={columns}
        dataSource={history.data?.pages.flat() ?? []}
        loading={history.isPending}
        pagination={false}
        locale={{ emptyText: words.common.empty }}
      />
      {history.hasNextPage && (
        <div className="table-more">
          <Button onClick={() => void history.fetchNextPage()} loading={history.isFetchingNextPage}>
            {words.common.older}
          </Button>
        </div>
      )}
    </>
  );
}
