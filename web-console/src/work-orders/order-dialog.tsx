import {
  nextWorkOrderStates,
  type WorkOrder,
  type WorkOrderCreate,
  type WorkOrderPatch,
  type WorkOrderState,
} from '@hall/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button, Form, Input, InputNumber, Modal, Select } from 'antd';
import { useWords } from '../i18n/language.tsx';
import { useDevices, useHallApi, useOverview } from '../live/hall-data.ts';
import { Failure } from '../shell/failure.tsx';
import { timeText, zoneOf } from '../time/hall-clock.ts';

const useOrderChange = <A,>(act: (given: A) => Promise<WorkOrder>, done: () => void) => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSuccess: done,
    onSettled: () => Promise.all(['work-orders', 'repairs'].map((key) => client.invalidateQueries({ queryKey: [key] }))),
  });
};

/** What a new order begins with: a device, or an alarm with its type and beginning. */
export type OrderStart = Partial<WorkOrderCreate>;

/** Opens a work order. */
export function NewOrder({ start, onClose }: { start: OrderStart; onClose: () => void }) {
  const words = useWords();
  const t = words.workOrders;
  const api = useHallApi();
  const { data: devices } = useDevices();
  const open = useOrderChange((order: WorkOrderCreate) => api.openWorkOrder(order), onClose);
  const finish = ({ title, device, person, part, note }: WorkOrderCreate) =>
    open.mutate({
      ...start,
      title: title.trim(),
      ...(device && { device }),
      ...(person && { person }),
      ...(part && { part }),
      ...(note && { note }),
    });
  return (
    <Modal open title={t.add} footer={null} onCancel={onClose}>
      {open.error && <Failure error={open.error} />}
      <Form<WorkOrderCreate> layout="vertical" requiredMark={false} initialValues={start} onFinish={finish}>
        <Form.Item name="title" label={t.name} rules={[{ required: true, whitespace: true, message: words.form.required }]}>
          <Input maxLength={120} autoComplete="off" />
        </Form.Item>
        <Form.Item name="device" label={t.device}>
          <Select
            allowClear
            showSearch={{ optionFilterProp: 'label' }}
            disabled={start.device !== undefined}
            options={(devices ?? []).map(({ id, name }) => ({ value: id, label: name }))}
          />
        </Form.Item>
        <Form.Item name="person" label={t.person}>
          <Input maxLength={40} autoComplete="off" />
        </Form.Item>
        <Form.Item name="note" label={t.note}>
          <Input.TextArea maxLength={1000} rows={3} />
        </Form.Item>
        <div className="form-actions">
          <Button onClick={onClose}>{words.common.cancel}</Button>
          <Button type="primary" htmlType="submit" loading={open.isPending}>
            {words.common.save}
          </Button>
        </div>
      </Form>
    </Modal>
  );
}

interface Entry {
  state: WorkOrderState;
  person?: string;
  part?: string;
  workMin?: number | null;
  note?: string;
}

/** One work order: what was done so far, and what happens next. */
export function OrderDialog({ order, mayAct, onClose }: { order: WorkOrder; mayAct: boolean; onClose: () => void }) {
  const words = useWords();
  const t = words.workOrders;
  const api = useHallApi();
  const { data: overview } = useOverview();
  const change = useOrderChange((patch: WorkOrderPatch) => api.changeWorkOrder(order.id, patch), onClose);
  const finish = ({ state, person = '', part = '', workMin, note }: Entry) =>
    change.mutate({
      ver: order.ver,
      ...(state !== order.state && { state }),
      person,
      part,
      ...(typeof workMin === 'number' && { workMin }),
      ...(note && { note }),
    });
  const states = [order.state, ...nextWorkOrderStates[order.state]];
  return (
    <Modal open title={`${t.of(order.id)} · ${order.title}`} footer={null} onCancel={onClose}>
      {change.error && <Failure error={change.error} />}
      <Form<Entry>
        layout="vertical"
        requiredMark={false}
        disabled={!mayAct}
        initialValues={{ state: order.state, person: order.person, part: order.part, workMin: order.workMin }}
        onFinish={finish}
      >
        <Form.Item name="state" label={t.state}>
          <Select options={states.map((state) => ({ value: state, label: t.states[state] }))} />
        </Form.Item>
        <Form.Item name="person" label={t.person}>
          <Input maxLength={40} autoComplete="off" />
        </Form.Item>
        <Form.Item name="part" label={t.part}>
          <Input maxLength={120} autoComplete="off" />
        </Form.Item>
        <Form.Item name="workMin" label={t.workMin}>
          <InputNumber className="wide" min={0} max={100_000} precision={0} />
        </Form.Item>
        <Form.Item name="note" label={t.note}>
          <Input.TextArea maxLength={1000} rows={3} />
        </Form.Item>
        {mayAct && (
          <div className="form-actions">
            <Button onClick={onClose}>{words.common.cancel}</Button>
            <Button type="primary" htmlType="submit" loading={change.isPending}>
              {words.common.save}
            </Button>
          </div>
        )}
      </Form>
      <h3>{t.notes}</h3>
      <ol className="order-notes">
        {order.notes.map((note) => (
          <li key={`${note.at} ${note.state ?? ''} ${note.text}`}>
            <time className="number">{timeText(note.at, zoneOf(overview), 'full')}</time> {note.by}
            {note.state && ` · ${t.states[note.state]}`}
            {note.text && <div>{note.text}</div>}
          </li>
        ))}
      </ol>
    </Modal>
  );
}
