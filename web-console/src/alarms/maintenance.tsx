import { alarmKinds, type AlarmKind, type MaintenanceWindow } from '@hall/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Form, Input, Modal, Popconfirm, Select, Table, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { useWords } from '../i18n/language.tsx';
import { useAgents, useDevices, useHallApi, useOverview } from '../live/hall-data.ts';
import { Failure } from '../shell/failure.tsx';
import { useMay } from '../shell/me.ts';
import { timeText, zoneOf } from '../time/hall-clock.ts';
import { useHallNow } from '../time/ticking.ts';
import { hallMoment, hallText } from './hall-moment.ts';

interface Entry {
  object: string;
  from: string;
  until: string;
  reason: string;
}
const KEY = ['maintenance'];
/** What can be under maintenance: everything but the feed, which nobody in the hall maintains. */
const kinds = alarmKinds.filter((kind) => kind !== 'platform');

/** Objects to choose from, as `kind/id`. */
function useObjects(): readonly { value: string; label: string }[] {
  const t = useWords().alarms;
  const api = useHallApi();
  const { data: overview } = useOverview();
  const { data: devices = [] } = useDevices();
  const { data: agents = [] } = useAgents();
  const { data: topology } = useQuery({ queryKey: ['topology'], queryFn: () => api.topology() });
  const switches = new Set((topology?.agents ?? []).flatMap((agent) => agent.switches.map(({ id }) => id)));
  const option = (kind: AlarmKind, id: string, name = id) => ({ value: `${kind}/${id}`, label: `${t.kind[kind]} · ${name}` });
  return [
    ...(overview ? [option('hall', overview.hall.id, overview.hall.zh)] : []),
    ...agents.map(({ id }) => option('agent', id)),
    ...[...switches].map((id) => option('switch', id)),
    ...devices.map(({ id, name }) => option('device', id, name)),
  ];
}

const objectOf = (value: string) => {
  const kind = kinds.find((each) => value.startsWith(`${each}/`)) ?? 'device';
  return { kind, id: value.slice(kind.length + 1) };
};

function Editor({ held, onClose }: { held: MaintenanceWindow | 'new'; onClose: () => void }) {
  const words = useWords();
  const t = words.alarms;
  const api = useHallApi();
  const client = useQueryClient();
  const objects = useObjects();
  const { data: overview } = useOverview();
  const zone = zoneOf(overview);
  const hallMs = useHallNow() ?? 0;
  const [initial] = useState<Partial<Entry>>(() =>
    held === 'new'
      ? { from: hallText(hallMs, zone), until: hallText(hallMs + 7_200_000, zone) }
      : {
          object: `${held.object.kind}/${held.object.id}`,
          from: hallText(held.from, zone),
          until: hallText(held.until, zone),
          reason: held.reason,
        },
  );
  const save = useMutation({
    mutationFn: (entry: Entry) => {
      const body = {
        object: objectOf(entry.object),
        from: hallMoment(entry.from, zone),
        until: hallMoment(entry.until, zone),
        reason: entry.reason.trim(),
      };
      return held === 'new' ? api.addMaintenance(body) : api.putMaintenance(held.id, body);
    },
    onSuccess: async () => {
      onClose();
      await client.invalidateQueries({ queryKey: KEY });
    },
  });
  const required = [{ required: true, message: words.form.required }];
  return (
    <Modal open title={held === 'new' ? t.addWindow : t.editWindow} footer={null} onCancel={onClose}>
      {save.error && <Failure error={save.error} />}
      <Form<Entry> layout="vertical" requiredMark={false} initialValues={initial} onFinish={(entry) => save.mutate(entry)}>
        <Form.Item name="object" label={t.object} rules={required}>
          <Select showSearch={{ optionFilterProp: 'label' }} options={[...objects]} />
        </Form.Item>
        <Form.Item name="from" label={t.from} rules={required}>
          <Input type="datetime-local" />
        </Form.Item>
        <Form.Item name="until" label={t.until} rules={required}>
          <Input type="datetime-local" />
        </Form.Item>
        <Form.Item name="reason" label={t.reason} rules={[{ required: true, whitespace: true, message: words.form.required }]}>
          <Input maxLength={200} />
        </Form.Item>
        <div className="form-actions">
          <Button onClick={onClose}>{words.common.cancel}</Button>
          <Button type="primary" htmlType="submit" loading={save.isPending}>
            {words.common.save}
          </Button>
        </div>
      </Form>
    </Modal>
  );
}

/** Times in which nothing is raised about an object. */
export function Maintenance() {
  const words = useWords();
  const t = words.alarms;
  const api = useHallApi();
  const client = useQueryClient();
  const mayAct = useMay('alarm.act');
  const { data: overview } = useOverview();
  const zone = zoneOf(overview);
  const hallMs = useHallNow() ?? 0;
  const objects = new Map(useObjects().map(({ value, label }) => [value, label]));
  const windows = useQuery({ queryKey: KEY, queryFn: () => api.maintenance() });
  const [edited, setEdited] = useState<MaintenanceWindow | 'new'>();
  const remove = useMutation({
    mutationFn: (id: string) => api.removeMaintenance(id),
    onSettled: () => client.invalidateQueries({ queryKey: KEY }),
  });
  const nameOf = ({ object }: MaintenanceWindow) => objects.get(`${object.kind}/${object.id}`) ?? object.id;
  const columns: TableColumnsType<MaintenanceWindow> = [
    { title: t.object, key: 'object', render: (_, window) => nameOf(window) },
    { title: t.from, key: 'from', render: (_, { from }) => <time className="number">{timeText(from, zone, 'full')}</time> },
    { title: t.until, key: 'until', render: (_, { until }) => <time className="number">{timeText(until, zone, 'full')}</time> },
    {
      title: t.column.state,
      key: 'state',
      render: (_, { from, until }) => (hallMs < from ? t.ahead : hallMs < until ? t.now : t.over),
    },
    { title: t.reason, dataIndex: 'reason', responsive: ['md'] },
    { title: t.person, dataIndex: 'person', responsive: ['lg'] },
    ...(mayAct
      ? [
          {
            title: words.common.actions,
            key: 'actions',
            render: (_: unknown, window: MaintenanceWindow) => (
              <span className="row-actions">
                <Button
                  type="link"
                  className="cell-link"
                  aria-label={`${words.common.edit} ${nameOf(window)}`}
                  onClick={() => setEdited(window)}
                >
                  {words.common.edit}
                </Button>
                <Popconfirm title={t.removeWindow(nameOf(window))} onConfirm={() => remove.mutate(window.id)}>
                  <Button type="link" className="cell-link" aria-label={`${words.common.remove} ${nameOf(window)}`}>
                    {words.common.remove}
                  </Button>
                </Popconfirm>
              </span>
            ),
          },
        ]
      : []),
  ];
  return (
    <>
      <div className="filters">
        <p className="help">{t.maintenanceHelp}</p>
        {mayAct && (
          <Button type="primary" onClick={() => setEdited('new')}>
            {t.addWindow}
          </Button>
        )}
      </div>
      {windows.error && <Failure error={windows.error} onRetry={() => void windows.refetch()} />}
      {remove.error && <Failure error={remove.error} />}
      <Table<MaintenanceWindow>
        rowKey="id"
        size="small"
        columns={columns}
        dataSource={windows.data ?? []}
        loading={windows.isPending}
        pagination={{ defaultPageSize: 50, hideOnSinglePage: true, showSizeChanger: false }}
        locale={{ emptyText: t.noWindows }}
      />
      {edited && <Editor held={edited} onClose={() => setEdited(undefined)} />}
    </>
  );
}
