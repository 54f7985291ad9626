import type { AlarmView } from '@hall/contracts';
import { Button, Checkbox, Input, Select, Table, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { useSearchParams } from 'wouter';
import { useWords } from '../i18n/language.tsx';
import { useAlarms, useOverview } from '../live/hall-data.ts';
import { Failure } from '../shell/failure.tsx';
import { ageText } from '../time/age.ts';
import { zoneOf } from '../time/hall-clock.ts';
import { useWallNow } from '../time/ticking.ts';
import { AlarmDrawer } from './alarm-drawer.tsx';
import { AlarmState } from './alarm-state.tsx';
import { useAlarmText } from './alarm-words.ts';
import { PriorityMark } from './priority-mark.tsx';
import { noFilter, passesFilter, rootCauses, type AlarmFilter } from './select.ts';

/** Every alarm that nothing else explains. What hangs on one is inside it. */
export function AlarmList() {
  const words = useWords();
  const t = words.alarms;
  const alarms = useAlarms();
  const textOf = useAlarmText();
  const { data: overview } = useOverview();
  const zone = zoneOf(overview);
  const wall = useWallNow();
  const [filter, setFilter] = useState<AlarmFilter>(noFilter);
  const [params, setParams] = useSearchParams();
  const open = (id: string | null) => setParams(id === null ? {} : { alarm: id }, { replace: true });
  if (alarms.error && !alarms.data) return <Failure error={alarms.error} onRetry={() => void alarms.refetch()} />;
  const all = rootCauses(alarms.data ?? []);
  const rows = all.filter((alarm) => {
    const { title, object, kind } = textOf(alarm);
    return passesFilter(alarm, filter, [title, object, kind, alarm.object.id, alarm.place ?? '', ...alarm.windows].join(' '));
  });
  const columns: TableColumnsType<AlarmView> = [
    {
      title: t.filter.priority,
      key: 'priority',
      width: 96,
      render: (_, { priority, active }) => <PriorityMark priority={priority} active={active} />,
    },
    {
      title: t.column.alarm,
      key: 'alarm',
      render: (_, alarm) => {
        const { title, seen, object } = textOf(alarm);
        return (
          <>
            <Button type="link" className="cell-link" aria-label={`${title} ${object}`} onClick={() => open(alarm.id)}>
              {title}
            </Button>
            <div className="quiet">{seen}</div>
          </>
        );
      },
    },
    {
      title: t.column.object,
      key: 'object',
      render: (_, alarm) => (
        <>
          {textOf(alarm).object}
          {alarm.dependants > 0 && <div className="quiet">{t.dependants(alarm.dependants)}</div>}
          {alarm.place !== undefined && <div className="quiet">{alarm.place}</div>}
        </>
      ),
    },
    {
      title: t.column.windows,
      key: 'windows',
      responsive: ['lg'],
      render: (_, { windows }) => windows.join(words.overview.listSeparator) || '—',
    },
    { title: t.column.since, key: 'since', responsive: ['sm'], render: (_, { sinceMs }) => ageText(wall - sinceMs, words.age) },
    { title: t.column.state, key: 'state', responsive: ['md'], render: (_, alarm) => <AlarmState alarm={alarm} zone={zone} /> },
  ];
  const change = (changes: Partial<AlarmFilter>) => setFilter({ ...filter, ...changes });
  return (
    <>
      <div className="filters" role="search">
        <Input.Search
          className="filter-search"
          allowClear
          aria-label={words.common.search}
          placeholder={words.common.search}
          value={filter.search}
          onChange={(event) => change({ search: event.target.value })}
        />
        <Select
          aria-label={t.filter.priority}
          value={filter.priority ?? 0}
          onChange={(priority: number) => change({ priority: priority === 0 ? undefined : priority })}
          options={[
            { value: 0, label: t.filter.anyPriority },
            ...[1, 2, 3].map((priority) => ({ value: priority, label: t.priority[priority] })),
          ]}
        />
        <Checkbox checked={filter.onlyUnacknowledged} onChange={(event) => change({ onlyUnacknowledged: event.target.checked })}>
          {t.filter.onlyUnacknowledged}
        </Checkbox>
        <Checkbox checked={filter.withShelved} onChange={(event) => change({ withShelved: event.target.checked })}>
          {t.filter.withShelved}
        </Checkbox>
        <span className="quiet filter-count" role="status">
          {words.common.total(rows.length)}
        </span>
      </div>
      <Table<AlarmView>
        rowKey="id"
        size="small"
        columns={columns}
        dataSource={rows}
        loading={alarms.isPending}
        pagination={{ defaultPageSize: 50, hideOnSinglePage: true, showSizeChanger: false }}
        locale={{ emptyText: all.length === 0 ? t.none : t.noneFound }}
      />
      <AlarmDrawer id={params.get('alarm')} onOpen={open} onClose={() => open(null)} />
    </>
  );
}
