import type { DeviceView, EventRow } from '@hall/contracts';
import { useQuery } from '@tanstack/react-query';
import { Table } from 'antd';
import { useMemo } from 'react';
import { Link } from 'wouter';
import { gistOf } from '../events/gist.ts';
import { useLanguage } from '../i18n/language.tsx';
import { useHallApi, useOverview, useRecentEvents } from '../live/hall-data.ts';
import { useHallNames } from '../live/hall-names.ts';
import { mergeEvents } from '../live/merge.ts';
import { Failure } from '../shell/failure.tsx';
import { timeText, zoneOf } from '../time/hall-clock.ts';

const SHOWN = 20;

/** The newest facts about the device: links, confirmations, replaced characters. */
export function EventsSection({ device }: { device: DeviceView }) {
  const { language, words } = useLanguage();
  const t = words.events;
  const api = useHallApi();
  const names = useHallNames();
  const { data: overview } = useOverview();
  const zone = zoneOf(overview);
  const stored = useQuery({
    queryKey: ['events', 'device', device.id],
    queryFn: () => api.events({ subject: device.id, limit: SHOWN }),
  });
  const arrived = useRecentEvents((held) => held.events);
  const rows = useMemo(() => {
    const read = stored.data ?? [];
    const fresh = arrived.filter(({ seq, subject }) => subject === device.id && seq > (read[0]?.seq ?? 0));
    return mergeEvents(read, fresh, SHOWN);
  }, [stored.data, arrived, device.id]);
  if (stored.error) return <Failure error={stored.error} onRetry={() => void stored.refetch()} />;
  return (
    <>
      <Table<EventRow>
        rowKey="seq"
        size="small"
        dataSource={[...rows]}
        loading={stored.isPending}
        pagination={false}
        locale={{ emptyText: words.common.empty }}
        columns={[
          {
            title: t.time,
            key: 'time',
            width: 110,
            render: (_, row) => <time className="number">{timeText(row.time, zone, 'clock')}</time>,
          },
          { title: t.type, key: 'type', render: (_, row) => words.eventType[row.type] ?? row.type },
          { title: t.data, key: 'gist', render: (_, row) => gistOf(row, { language, words, names }) },
        ]}
      />
      <p>
        <Link href="/events">{words.devicePage.allEvents}</Link>
      </p>
    </>
  );
}
