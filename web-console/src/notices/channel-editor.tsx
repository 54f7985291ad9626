import { channelKinds, noticeLanguages, type ChannelSecret, type NoticeChannel } from '@hall/contracts';
import { Button, Form, Input, InputNumber, Modal, Select, Switch } from 'antd';
import { useWords } from '../i18n/language.tsx';
import { Failure } from '../shell/failure.tsx';
import { channelOf, fieldsOf, linesOf, secretsOf, type ChannelEntry } from './channel-fields.ts';
import type { NoticeChange } from './use-notice-settings.ts';

interface Props {
  readonly channel: NoticeChannel | 'new';
  readonly taken: readonly string[];
  /** Secrets that are set already. */
  readonly held: readonly ChannelSecret[];
  readonly error: unknown;
  readonly saving: boolean;
  readonly onSave: (channel: NoticeChannel, secrets: NonNullable<NoticeChange['secrets']>) => void;
  readonly onClose: () => void;
}

const choices = <W extends string>(words: Readonly<Record<W, string>>, order: readonly W[]) =>
  order.map((value) => ({ value, label: words[value] }));

/** One channel; what is secret is typed and never shown. */
export function ChannelEditor({ channel, taken, held, error, saving, onSave, onClose }: Props) {
  const words = useWords();
  const t = words.notices;
  const old = channel === 'new' ? undefined : channel;
  const [form] = Form.useForm<ChannelEntry>();
  const kind = Form.useWatch('kind', form) ?? old?.kind ?? 'wecom';
  const required = [{ required: true, message: words.form.required }];
  const fields: Readonly<Partial<Record<keyof NoticeChannel, React.ReactNode>>> = {
    url: (
      <Form.Item key="url" name="url" label={t.url} extra={t.urlHelp} rules={required}>
        <Input maxLength={500} autoComplete="off" spellCheck={false} />
      </Form.Item>
    ),
    format: (
      <Form.Item key="format" name="format" label={t.format}>
        <Select options={choices(t.formats, ['markdown', 'text'])} />
      </Form.Item>
    ),
    keyword: (
      <Form.Item key="keyword" name="keyword" label={t.keyword}>
        <Input maxLength={40} />
      </Form.Item>
    ),
    body: (
      <Form.Item key="body" name="body" label={t.bodyKind}>
        <Select options={choices(t.bodies, ['json', 'form'])} />
      </Form.Item>
    ),
    fields: (
      <Form.Item key="fields" name="fieldLines" label={t.fields} extra={t.fieldsHelp} rules={required}>
        <Input.TextArea rows={4} spellCheck={false} />
      </Form.Item>
    ),
    host: (
      <Form.Item key="host" name="host" label={t.host} rules={required}>
        <Input maxLength={253} autoComplete="off" />
      </Form.Item>
    ),
    port: (
      <Form.Item key="port" name="port" label={t.port} rules={required}>
        <InputNumber className="wide" min={1} max={65_535} />
      </Form.Item>
    ),
    security: (
      <Form.Item key="security" name="security" label={t.security}>
        <Select options={choices(t.securities, ['tls', 'starttls', 'none'])} />
      </Form.Item>
    ),
    user: (
      <Form.Item key="user" name="user" label={t.user}>
        <Input maxLength={120} autoComplete="off" />
      </Form.Item>
    ),
    from: (
      <Form.Item key="from" name="from" label={t.from} rules={required}>
        <Input maxLength={160} autoComplete="off" />
      </Form.Item>
    ),
  };
  const initial: ChannelEntry = old
    ? { ...old, fieldLines: linesOf(old.fields) }
    : {
        kind: 'wecom',
        enabled: true,
        language: 'zh',
        perMinute: 20,
        format: 'markdown',
        body: 'json',
        security: 'starttls',
        fieldLines: 'phone={phone}\ncontent={text}',
      };
  const finish = (entry: ChannelEntry) => {
    const made = channelOf({ ...entry, ...(old && { id: old.id }) });
    onSave(made.channel, { [made.channel.id]: made.secrets });
  };
  return (
    <Modal open title={old ? t.editOf(old.name) : t.addChannel} footer={null} onCancel={onClose}>
      {error ? <Failure error={error} /> : null}
      <Form<ChannelEntry> form={form} layout="vertical" requiredMark={false} initialValues={initial} onFinish={finish}>
        <Form.Item
          name="id"
          label={t.id}
          extra={words.devices.idRule}
          rules={[
            { required: true, pattern: /^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/, message: words.devices.idRule },
            {
              validator: async (_, value: string) =>
                old || !taken.includes(value) ? undefined : Promise.reject(new Error(words.devices.idRule)),
            },
          ]}
        >
          <Input readOnly={old !== undefined} maxLength={32} autoComplete="off" />
        </Form.Item>
        <Form.Item name="kind" label={t.kind}>
          <Select options={choices(t.kinds, channelKinds)} disabled={old !== undefined} />
        </Form.Item>
        <Form.Item name="name" label={t.name} rules={required}>
          <Input maxLength={40} autoComplete="off" />
        </Form.Item>
        {fieldsOf[kind].map((field) => fields[field])}
        {secretsOf[kind].map((secret) => (
          <Form.Item
            key={secret}
            name={['secrets', secret]}
            label={held.includes(secret) ? `${t.secrets[secret]} (${t.secretSet})` : t.secrets[secret]}
            extra={t.secretHelp}
          >
            <Input.Password maxLength={500} autoComplete="new-password" visibilityToggle={false} />
          </Form.Item>
        ))}
        <Form.Item name="language" label={t.language}>
          <Select options={choices(t.languages, noticeLanguages)} />
        </Form.Item>
        <Form.Item name="perMinute" label={t.perMinute} extra={t.perMinuteHelp} rules={required}>
          <InputNumber className="wide" min={1} max={600} />
        </Form.Item>
        <Form.Item name="enabled" label={t.enabled} valuePropName="checked">
          <Switch aria-label={t.enabled} />
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
