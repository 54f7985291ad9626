import { ID_PATTERN, type EnrolmentView } from '@hall/contracts';
import { useMutation } from '@tanstack/react-query';
import { Alert, Button, Checkbox, Form, Input, Modal } from 'antd';
import { useWords } from '../i18n/language.tsx';
import { useAgents, useHallApi } from '../live/hall-data.ts';
import { Failure } from '../shell/failure.tsx';
import { useSecurity } from './use-fleet.ts';

const idRule = new RegExp(ID_PATTERN);

interface Fields {
  readonly agent: string;
  readonly same: boolean;
  readonly takeOver?: boolean;
}

/** Compares the codes, gives the id, and says once more when another machine is to be replaced. */
export function AdmitDialog({ request, onClose }: { request: EnrolmentView; onClose: () => void }) {
  const words = useWords();
  const t = words.fleet;
  const api = useHallApi();
  const { data: security } = useSecurity();
  const agents = useAgents();
  const [form] = Form.useForm<Fields>();
  const id = (Form.useWatch('agent', form) ?? request.wish ?? '').trim();
  const exists = (agents.data ?? []).some((agent) => agent.id === id);
  const admit = useMutation({
    mutationFn: ({ agent, takeOver }: Fields) =>
      api.admitAgent(request.id, { agent: agent.trim(), code: request.code, takeOver: exists && takeOver === true }),
    onSuccess: onClose,
  });
  const ticked = (message: string) => ({
    validator: (_: unknown, value: unknown) => (value === true ? Promise.resolve() : Promise.reject(new Error(message))),
  });
  return (
    <Modal open title={t.admitTitle} footer={null} onCancel={onClose} destroyOnHidden>
      <p className="help">{t.compareHelp}</p>
      <output className="secret" data-testid="enrolment-code">
        {request.code}
      </output>
      <p>
        {t.trustCode}: <span className="code-text">{security?.trust.code ?? '—'}</span>
      </p>
      <p className="quiet">
        {request.host} · {request.address} · {request.version}
      </p>
      {admit.error && <Failure error={admit.error} />}
      <Form<Fields>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ agent: request.wish ?? '', same: false, takeOver: false }}
        onFinish={(fields) => admit.mutate(fields)}
      >
        <Form.Item
          name="agent"
          label={t.id}
          extra={words.devices.idRule}
          rules={[{ required: true, pattern: idRule, message: words.devices.idRule }]}
        >
          <Input autoFocus autoCapitalize="none" spellCheck={false} maxLength={32} />
        </Form.Item>
        <Form.Item name="same" valuePropName="checked" rules={[ticked(t.compareFirst)]}>
          <Checkbox>{t.same}</Checkbox>
        </Form.Item>
        {exists && (
          <>
            <Alert type="warning" showIcon title={t.takeOverHelp(id)} />
            <Form.Item name="takeOver" valuePropName="checked" rules={[ticked(t.takeOverFirst)]}>
              <Checkbox>{t.takeOver(id)}</Checkbox>
            </Form.Item>
          </>
        )}
        <Button type="primary" htmlType="submit" block loading={admit.isPending}>
          {exists ? t.replace : t.admit}
        </Button>
      </Form>
    </Modal>
  );
}
