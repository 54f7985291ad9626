import type { Me } from '@hall/contracts';
import { useMutation } from '@tanstack/react-query';
import { Button, Form, Input } from 'antd';
import { peopleApi } from '../api/hall-api.ts';
import { useWords } from '../i18n/language.tsx';
import { Failure } from '../shell/failure.tsx';
import { EntryPage } from './entry-page.tsx';
import { NewPasswordFields } from './new-password-fields.tsx';

interface Entry {
  code: string;
  name: string;
  display: string;
  password: string;
}

/** The first administrator, made with the one-time code that the server printed. There is no default account. */
export function BootstrapPage({ onEntered }: { onEntered: (me: Me) => void }) {
  const t = useWords().signIn;
  const create = useMutation({
    mutationFn: async (entry: Entry) => {
      await peopleApi.bootstrap(entry);
      return peopleApi.signIn({ name: entry.name, password: entry.password });
    },
    onSuccess: onEntered,
  });
  const required = { required: true, message: t.required };
  return (
    <EntryPage title={t.bootstrapTitle} help={t.bootstrapHelp}>
      {create.error && <Failure error={create.error} />}
      <Form<Entry>
        layout="vertical"
        requiredMark={false}
        onFinish={({ code, name, display, password }) =>
          create.mutate({ code: code.trim(), name: name.trim(), display: display.trim(), password })
        }
      >
        <Form.Item name="code" label={t.code} rules={[required]}>
          <Input
            className="code"
            autoComplete="one-time-code"
            autoFocus
            autoCapitalize="none"
            spellCheck={false}
            maxLength={40}
          />
        </Form.Item>
        <Form.Item
          name="name"
          label={t.name}
          extra={t.nameRule}
          rules={[required, { pattern: /^[a-z][a-z0-9._-]{1,31}$/, message: t.nameRule }]}
        >
          <Input autoComplete="username" autoCapitalize="none" spellCheck={false} maxLength={32} />
        </Form.Item>
        <Form.Item name="display" label={t.display} rules={[required]}>
          <Input autoComplete="name" maxLength={40} />
        </Form.Item>
        <NewPasswordFields label={t.password} />
        <Button type="primary" htmlType="submit" block loading={create.isPending}>
          {t.create}
        </Button>
      </Form>
    </EntryPage>
  );
}
