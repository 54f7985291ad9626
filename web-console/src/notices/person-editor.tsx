import type { NoticePerson } from '@hall/contracts';
import { Button, Form, Input, Modal } from 'antd';
import { useWords } from '../i18n/language.tsx';
import { Failure } from '../shell/failure.tsx';

interface Props {
  /** A new one has a name that is still empty. */
  readonly person: NoticePerson;
  readonly error: unknown;
  readonly saving: boolean;
  readonly onSave: (person: NoticePerson) => void;
  readonly onClose: () => void;
}

/** Somebody on duty, and how they are reached. */
export function PersonEditor({ person, error, saving, onSave, onClose }: Props) {
  const words = useWords();
  const t = words.notices;
  const finish = ({ name, phone, email }: NoticePerson) =>
    onSave({ id: person.id, name: name.trim(), ...(phone && { phone }), ...(email && { email }) });
  return (
    <Modal open title={person.name === '' ? t.addPerson : t.editOf(person.name)} footer={null} onCancel={onClose}>
      {error ? <Failure error={error} /> : null}
      <Form<NoticePerson> layout="vertical" requiredMark={false} initialValues={person} onFinish={finish}>
        <Form.Item name="name" label={t.name} rules={[{ required: true, whitespace: true, message: words.form.required }]}>
          <Input maxLength={40} autoComplete="off" />
        </Form.Item>
        <Form.Item
          name="phone"
          label={t.phone}
          rules={[{ pattern: /^\+?[0-9]{5,20}$/, message: words.common.expected('+, 0-9') }]}
        >
          <Input maxLength={21} autoComplete="off" inputMode="tel" />
        </Form.Item>
        <Form.Item name="email" label={t.email} rules={[{ type: 'email', message: words.common.expected('name@host') }]}>
          <Input maxLength={160} autoComplete="off" inputMode="email" />
        </Form.Item>
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
