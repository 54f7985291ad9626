import { alarmPriorities, type NoticeSettings, type NoticeStep } from '@hall/contracts';
import { Button, Form, Input, InputNumber, Modal, Select } from 'antd';
import { useWords } from '../i18n/language.tsx';
import { Failure } from '../shell/failure.tsx';

interface Props {
  readonly step: NoticeStep | 'new';
  readonly settings: NoticeSettings;
  readonly error: unknown;
  readonly saving: boolean;
  readonly onSave: (step: NoticeStep) => void;
  readonly onClose: () => void;
}

/** The first id of its kind that is free. */
export function freeId(prefix: string, taken: readonly { readonly id: string }[]): string {
  for (let at = 1; ; at += 1) if (!taken.some(({ id }) => id === `${prefix}-${at}`)) return `${prefix}-${at}`;
}

/** Who is told after how long, over which channels. */
export function StepEditor({ step, settings, error, saving, onSave, onClose }: Props) {
  const words = useWords();
  const t = words.notices;
  const old = step === 'new' ? undefined : step;
  const required = [{ required: true, message: words.form.required }];
  const number = (name: keyof NoticeStep, label: string, max: number) => (
    <Form.Item
      name={name}
      label={label}
      rules={[{ required: true, type: 'integer', min: 0, max, message: words.form.between(0, max) }]}
    >
      <InputNumber className="wide" />
    </Form.Item>
  );
  return (
    <Modal open title={old ? t.editOf(old.id) : t.addStep} footer={null} onCancel={onClose}>
      {error ? <Failure error={error} /> : null}
      <Form<NoticeStep>
        layout="vertical"
        requiredMark={false}
        initialValues={
          old ?? {
            id: freeId('step', settings.steps),
            priorities: [1, 2],
            afterMin: 0,
            channels: [],
            people: [],
            repeatMin: 0,
            repeats: 0,
          }
        }
        onFinish={onSave}
      >
        <Form.Item
          name="id"
          label={t.id}
          rules={[{ required: true, pattern: /^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/, message: words.devices.idRule }]}
        >
          <Input readOnly maxLength={32} />
        </Form.Item>
        <Form.Item name="priorities" label={t.priorities} rules={required}>
          <Select mode="multiple" options={alarmPriorities.map((value) => ({ value, label: t.priority[value] }))} />
        </Form.Item>
        {number('afterMin', t.afterMin, 10_080)}
        <Form.Item name="channels" label={t.channels} rules={required}>
          <Select mode="multiple" options={settings.channels.map(({ id, name }) => ({ value: id, label: name }))} />
        </Form.Item>
        <Form.Item name="people" label={t.people}>
          <Select mode="multiple" options={settings.people.map(({ id, name }) => ({ value: id, label: name }))} />
        </Form.Item>
        {number('repeatMin', t.repeatMin, 1440)}
        {number('repeats', t.repeats, 20)}
        <div className="form-actions">
          <Button onClick={onClose}>{words.common.cancel}</Button>
          <Button type="primary" htmlType="submit" loading={saving}>
            {words.common.save}
          </Button>
        </div>
      </Form>
    </Modal>
  );
}
