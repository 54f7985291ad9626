import type { Me } from '@hall/contracts';
import { useMutation } from '@tanstack/react-query';
import { Alert, Button, Form, Input } from 'antd';
import { ApiError } from '../api/client.ts';
import { peopleApi } from '../api/hall-api.ts';
import { useWords } from '../i18n/language.tsx';
import { Failure } from '../shell/failure.tsx';
import { spanText } from '../time/age.ts';
import { EntryPage } from './entry-page.tsx';

interface Entry {
  name: string;
  password: string;
}

/** Name and password. A locked account is told apart from a wrong password, with the time it takes. */
export function SignInPage({ onEntered, ended }: { onEntered: (me: Me) => void; ended: boolean }) {
  const words = useWords();
  const t = words.signIn;
  const signIn = useMutation({ mutationFn: peopleApi.signIn, onSuccess: onEntered });
  const error = signIn.error;
  const locked = error instanceof ApiError && error.reply?.code === 'SIGN_IN_LOCKED' ? error.reply : undefined;
  const wait = locked?.retryAfterS === undefined ? '' : t.lockedFor(spanText(locked.retryAfterS, words.age));
  return (
    <EntryPage title={t.title}>
      {ended && !error && <Alert type="info" showIcon title={t.signedOut} />}
      {locked && <Alert type="warning" showIcon role="alert" title={t.locked} description={`${wait}${t.lockedHelp}`} />}
      {error && !locked && <Failure error={error} />}
      <Form<Entry>
        layout="vertical"
        requiredMark={false}
        onFinish={(entry) => signIn.mutate({ name: entry.name.trim(), password: entry.password })}
      >
        <Form.Item name="name" label={t.name} rules={[{ required: true, message: t.required }]}>
          <Input autoComplete="username" autoFocus autoCapitalize="none" spellCheck={false} maxLength={64} />
        </Form.Item>
        <Form.Item name="password" label={t.password} rules={[{ required: true, message: t.required }]}>
          <Input.Password autoComplete="current-password" maxLength={128} />
        </Form.Item>
        <Button type="primary" htmlType="submit" block loading={signIn.isPending}>
          {t.submit}
        </Button>
      </Form>
    </EntryPage>
  );
}
