import type { DeviceView } from '@hall/contracts';
import { Button, Checkbox, Input, Table, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { useSearchParams } from 'wouter';
import { useWords } from '../i18n/language.tsx';
import { useDevices } from '../live/hall-data.ts';
import { Failure } from '../shell/failure.tsx';
import { Mark } from '../shell/mark.tsx';
import { ageText } from '../time/age.ts';
import { useWallNow } from '../time/ticking.ts';
import { useMay } from '../shell/me.ts';
import { BatchDialog } from './commands/batch-dialog.tsx';
import { DeviceDrawer } from './device-drawer.tsx';
import { differenceText, needsAttention, waitsForPage } from './difference.ts';

const includes = (device: DeviceView, search: string) =>
  [device.id, device.name, device.agent, device.driver].some((text) => text.toLowerCase().includes(search.trim().toLowerCase()));

/** Every device: what it should be, what it reports to be, what differs and since when. */
export function DeviceTable() {
  const words = useWords();
  const t = words.devices;
  const devices = useDevices();
  const wall = useWallNow();
  const [search, setSearch] = useState('');
  const [onlyDifferent, setOnlyDifferent] = useState(false);
  const mayCommand = useMay('device.command');
  const [selected, setSelected] = useState<readonly string[]>([]);
  const [batching, setBatching] = useState(false);
  // In the address, so that a device can be linked to.
  const [params, setParams] = useSearchParams();
  const opened = params.get('device');
  const setOpened = (id: string | undefined) =>
    setParams(
      (held) => {
        const next = new URLSearchParams(held);
        if (id === undefined) next.delete('device');
        else next.set('device', id);
        return next;
      },
      { replace: true },
    );
  if (devices.error && !devices.data) return <Failure error={devices.error} onRetry={() => void devices.refetch()} />;
  const rows = (devices.data ?? []).filter((device) => includes(device, search) && (!onlyDifferent || needsAttention(device)));
  const columns: TableColumnsType<DeviceView> = [
    {
      title: t.name,
      key: 'name',
      sorter: (a, b) => a.name.localeCompare(b.name, 'zh-CN', { numeric: true }),
      render: (_, device) => (
        <Button type="link" className="cell-link" onClick={() => setOpened(device.id)}>
          {device.name}
        </Button>
      ),
    },
    { title: t.id, dataIndex: 'id', responsive: ['lg'] },
    {
      title: t.agent,
      key: 'agent',
      responsive: ['md'],
      render: (_, { agent, agentPresence }) => (
        <Mark good={agentPresence === 'online'} quietWhenGood>
          {agent}
          {agentPresence === 'online' ? '' : ` · ${(words.presence as Record<string, string>)[agentPresence] ?? agentPresence}`}
        </Mark>
      ),
    },
    { title: t.driver, dataIndex: 'driver', responsive: ['xl'] },
    {
      title: t.link,
      key: 'link',
      render: (_, device) => {
        const { reported } = device;
        if (waitsForPage(device)) return <span className="quiet">{t.notOpen}</span>;
        return <Mark good={reported?.link === 'online'}>{reported ? words.link[reported.link] : t.neverReported}</Mark>;
      },
    },
    { title: t.desired, key: 'desired', align: 'right', responsive: ['lg'], render: (_, device) => device.desired.ver },
    { title: t.applied, key: 'applied', align: 'right', responsive: ['lg'], render: (_, device) => device.applied?.ver ?? '—' },
    {
      title: t.difference,
      key: 'difference',
      render: (_, device) =>
        device.difference.length === 0 || waitsForPage(device) ? (
          <span className="quiet">{t.same}</span>
        ) : (
          <Mark good={false}>
            {differenceText(device.difference, words)}
            {device.differenceSince !== null && (
              <span className="quiet"> {t.since(ageText(wall - device.differenceSince, words.age))}</span>
            )}
          </Mark>
        ),
    },
    {
      title: t.reported,
      key: 'reported',
      responsive: ['sm'],
      render: (_, { reportedAt }) => (reportedAt === null ? t.neverReported : ageText(wall - reportedAt, words.age)),
    },
  ];
  return (
    <>
      <div className="filters" role="search">
        <Input.Search
          className="filter-search"
          allowClear
          aria-label={words.common.search}
          placeholder={words.common.search}
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
        <Checkbox checked={onlyDifferent} onChange={(event) => setOnlyDifferent(event.target.checked)}>
          {t.onlyDifferent}
        </Checkbox>
        {mayCommand && selected.length > 0 && (
          <Button
            onClick={() => setBatching(true)}
          >{`${words.commands.batch} · ${words.commands.selected(selected.length)}`}</Button>
        )}
        <span className="quiet filter-count" role="status">
          {words.common.total(rows.length)}
        </span>
      </div>
      <Table<DeviceView>
        rowKey="id"
        size="small"
        columns={columns}
        {...(mayCommand
          ? {
              rowSelection: {
                selectedRowKeys: [...selected],
                onChange: (keys) => setSelected(keys.map(String)),
                getCheckboxProps: ({ name }) => ({ 'aria-label': `${words.commands.select} ${name}` }),
                getTitleCheckboxProps: () => ({ 'aria-label': words.commands.select }),
              },
            }
          : {})}
        dataSource={rows}
        loading={devices.isPending}
        pagination={{ defaultPageSize: 50, hideOnSinglePage: true, showSizeChanger: false }}
        locale={{ emptyText: t.noDevices }}
      />
      {batching && (
        <BatchDialog
          devices={(devices.data ?? []).filter(({ id }) => selected.includes(id))}
          onClose={() => setBatching(false)}
        />
      )}
      <DeviceDrawer device={devices.data?.find(({ id }) => id === opened)} onClose={() => setOpened(undefined)} />
    </>
  );
}
