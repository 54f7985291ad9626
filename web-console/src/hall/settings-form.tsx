import { staffNamePolicies, type HallSettings } from '@hall/contracts';
import { Button, Form, Input, InputNumber, Select } from 'antd';
import { useWords } from '../i18n/language.tsx';
import { Failure } from '../shell/failure.tsx';
import { filled } from './row-values.ts';
import { useSave } from './use-content.ts';

/** Names of the hall, the policy for staff names, and how old live content may grow. */
export function SettingsForm({ settings, mayEdit }: { settings: HallSettings; mayEdit: boolean }) {
  const words = useWords();
  const t = words.settings;
  const save = useSave();
  const seconds = (name: keyof HallSettings, label: string, help: string, min: number, max: number) => (
    <Form.Item
      name={name}
      label={label}
      extra={help}
      rules={[{ required: true, type: 'integer', min, max, message: words.form.between(min, max) }]}
    >
      <InputNumber className="wide" />
    </Form.Item>
  );
  return (
    <Form<HallSettings>
      layout="vertical"
      className="room-form"
      disabled={!mayEdit}
      initialValues={settings}
      onFinish={(entry) => save.mutate((api, etag) => api.putSettings(filled(entry), etag))}
    >
      {save.error && <Failure error={save.error} />}
      <Form.Item name="zh" label={t.zh} rules={[{ required: true, message: words.form.required }]}>
        <Input maxLength={40} />
      </Form.Item>
      <Form.Item name="en" label={t.en}>
        <Input maxLength={80} />
      </Form.Item>
      <Form.Item name="staffNamePolicy" label={t.staffNamePolicy}>
        <Select options={staffNamePolicies.map((policy) => ({ value: policy, label: t.policy[policy] }))} />
      </Form.Item>
      {seconds('liveMaxAgeS', t.liveMaxAgeS, t.liveMaxAgeHelp, 5, 600)}
      {seconds('safeAfterS', t.safeAfterS, t.safeAfterHelp, 30, 3600)}
      {seconds('feedMaxAgeS', t.feedMaxAgeS, t.feedMaxAgeHelp, 10, 3600)}
      {mayEdit && (
        <Button type="primary" htmlType="submit" loading={save.isPending}>
          {words.common.save}
        </Button>
      )}
    </Form>
  );
}
