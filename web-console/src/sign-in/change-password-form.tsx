import { useMutation } from '@tanstack/react-query';
import { Button, Form, Input } from 'antd';
import { peopleApi } from '../api/hall-api.ts';
import { useWords } from '../i18n/language.tsx';
import { Failure } from '../shell/failure.tsx';
import { NewPasswordFields } from './new-password-fields.tsx';

/** Current password and a new one. */
export function ChangePasswordForm({ onChanged }: { onChanged: () => void }) {
  const words = useWords();
  const t = words.signIn;
  const change = useMutation({ mutationFn: peopleApi.changePassword, onSuccess: onChanged });
  return (
    <Form<{ current: string; password: string }>
      layout="vertical"
      requiredMark={false}
      onFinish={({ current, password }) => change.mutate({ current, password })}
    >
      {change.error && <Failure error={change.error} />}
      <Form.Item name="current" label={t.current} rules={[{ required: true, message: t.required }]}>
        <Input.Password autoComplete="current-password" autoFocus maxLength={128} />
      </Form.Item>
      <NewPasswordFields label={t.newPassword} />
      <Button type="primary" htmlType="submit" block loading={change.isPending}>
        {words.common.save}
      </Button>
    </Form>
  );
}
