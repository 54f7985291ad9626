import type { ContentKind, HallContent } from '@hall/contracts';
import { Button, Form, Modal } from 'antd';
import type { ContentRow } from '../api/hall-api.ts';
import { useWords } from '../i18n/language.tsx';
import { Failure } from '../shell/failure.tsx';
import { filled } from './row-values.ts';
import { DeviceFields, deviceOf, deviceValues, type DeviceValues } from './device-fields.tsx';
import { RowFields } from './row-fields.tsx';
import { useSave } from './use-content.ts';

interface RowEditorProps {
  readonly kind: ContentKind;
  readonly row: ContentRow | 'new';
  readonly content: HallContent;
  readonly onClose: () => void;
}

/** One row in a form. The id of an existing row stays: facts and screens refer to it. */
export function RowEditor({ kind, row, content, onClose }: RowEditorProps) {
  const words = useWords();
  const save = useSave(onClose);
  const held = row === 'new' ? undefined : row;
  const isDevice = kind === 'devices';
  const initial = isDevice
    ? deviceValues(held as HallContent['devices'][number] | undefined)
    : (held ?? (kind === 'windows' ? { services: [] } : {}));
  const [form] = Form.useForm<object>();
  const submit = () => {
    // All values, so that settings a newer driver knows and this schema does not are kept.
    const values: object = form.getFieldsValue(true);
    const next = isDevice ? deviceOf(values as DeviceValues) : (filled(values) as ContentRow);
    save.mutate((api, etag) => api.putRow(kind, next, etag));
  };
  return (
    <Modal
      open
      width={isDevice ? 640 : 520}
      title={held ? words.hall.editRow(held.id) : words.hall.addRow(words.hall.kinds[kind])}
      footer={null}
      onCancel={onClose}
      mask={{ closable: false }}
    >
      {save.error && <Failure error={save.error} />}
      <Form form={form} layout="vertical" initialValues={initial} onFinish={submit} scrollToFirstError>
        {isDevice ? (
          <DeviceFields content={content} known={held !== undefined} />
        ) : (
          <RowFields kind={kind} content={content} known={held !== undefined} />
        )}
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
