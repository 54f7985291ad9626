import { Form, Input } from 'antd';
import { useWords } from '../i18n/language.tsx';

/** A new password and the same again. The server decides whether it is too common. */
export function NewPasswordFields({ label }: { label: string }) {
  const t = useWords().signIn;
  return (
    <>
      <Form.Item
        name="password"
        label={label}
        extra={t.passwordRule}
        rules={[
          { required: true, message: t.required },
          { min: 10, max: 128, message: t.passwordRule },
        ]}
      >
        <Input.Password autoComplete="new-password" maxLength={128} />
      </Form.Item>
      <Form.Item
        name="repeat"
        label={t.repeat}
        dependencies={['password']}
        rules={[
          { required: true, message: t.required },
          ({ getFieldValue }) => ({
            validator: (_, value: unknown) =>
              !value || value === getFieldValue('password') ? Promise.resolve() : Promise.reject(new Error(t.repeatWrong)),
          }),
        ]}
      >
        <Input.Password autoComplete="new-password" maxLength={128} />
      </Form.Item>
    </>
  );
}
