import { conditions, uptimeGroups, type UptimeGroup, type UptimeRow } from '@hall/contracts';
import { useQuery } from '@tanstack/react-query';
import { Button, Checkbox, Select, Table, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { useWords } from '../i18n/language.tsx';
import { useDevices, useHallApi, useHallClock } from '../live/hall-data.ts';
import { Failure } from '../shell/failure.tsx';
import { saveFile } from '../shell/save-file.ts';
import { useFailureMessage } from '../shell/use-failure-message.ts';
import { hallNow } from '../time/hall-clock.ts';

const DAY_MS = 86_400_000;
const spans = { day: DAY_MS, week: 7 * DAY_MS, month: 30 * DAY_MS, year: 365 * DAY_MS } as const;
type Span = keyof typeof spans;

/** Two decimals, never rounded up to a whole that was not reached. */
export const shareText = (share: number): string => `${(Math.floor(share * 10_000) / 100).toFixed(2)}%`;
const minutesText = (ms: number): string => (ms / 60_000).toFixed(ms < 600_000 ? 1 : 0);

/** How much of the opening hours screens were right, by group and day. */
export function UptimeReport() {
  const words = useWords();
  const t = words.uptime;
  const api = useHallApi();
  const clock = useHallClock();
  const tell = useFailureMessage();
  const { data: devices } = useDevices();
  const [span, setSpan] = useState<Span>('week');
  const [by, setBy] = useState<UptimeGroup>('device');
  const [days, setDays] = useState(false);
  const ask = () => {
    const from = clock && Math.max(0, Math.round(hallNow(clock, performance.now()) - spans[span]));
    return { ...(from !== undefined && { from }), by, days };
  };
  const rows = useQuery({ queryKey: ['uptime', span, by, days], queryFn: () => api.uptime(ask()) });
  const nameOf = (group: string) => {
    if (group === '') return by === 'hall' ? t.groups.hall : words.workOrders.unnamed;
    return by === 'device' ? (devices?.find(({ id }) => id === group)?.name ?? group) : group;
  };
  const columns: TableColumnsType<UptimeRow> = [
    ...(days ? [{ title: t.day, dataIndex: 'day' }] : []),
    { title: t.groups[by], key: 'group', render: (_, { group }) => nameOf(group) },
    {
      title: t.uptime,
      key: 'uptime',
      align: 'right',
      sorter: (a, b) => (a.uptime ?? 2) - (b.uptime ?? 2),
      render: (_, { uptime }) =>
        uptime === null ? <span className="quiet">{t.noData}</span> : <strong className="number">{shareText(uptime)}</strong>,
    },
    { title: t.screens, dataIndex: 'screens', align: 'right', responsive: ['sm'] },
    ...conditions.map((condition): TableColumnsType<UptimeRow>[number] => ({
      title: words.history.condition[condition],
      key: condition,
      align: 'right',
      responsive: ['md'],
      render: (_, { ms }) => <span className="number">{t.minutes(minutesText(ms[condition]))}</span>,
    })),
  ];
  const save = () => void api.uptimeCsv(ask()).then((text) => saveFile('uptime.csv', text, 'text/csv'), tell);
  return (
    <>
      <p className="help">{t.help}</p>
      <div className="filters">
        <Select<Span>
          aria-label={words.history.span}
          value={span}
          onChange={setSpan}
          options={(Object.keys(spans) as Span[]).map((value) => ({ value, label: words.history.spans[value] }))}
        />
        <Select<UptimeGroup>
          aria-label={t.by}
          value={by}
          onChange={setBy}
          options={uptimeGroups.map((value) => ({ value, label: t.groups[value] }))}
        />
        <Checkbox checked={days} onChange={({ target }) => setDays(target.checked)}>
          {t.days}
        </Checkbox>
        <Button onClick={save}>{t.download}</Button>
      </div>
      {rows.error && <Failure error={rows.error} onRetry={() => void rows.refetch()} />}
      <Table<UptimeRow>
        rowKey={({ group, day }) => `${group} ${day}`}
        size="small"
        columns={columns}
        dataSource={rows.data ?? []}
        loading={rows.isPending}
        pagination={{ defaultPageSize: 50, hideOnSinglePage: true, showSizeChanger: false }}
        locale={{ emptyText: t.noData }}
      />
    </>
  );
}
