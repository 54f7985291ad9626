import { useMutation } from '@tanstack/react-query';
import { Button } from 'antd';
import { peopleApi } from '../api/hall-api.ts';
import { useWords } from '../i18n/language.tsx';
import { ChangePasswordForm } from './change-password-form.tsx';
import { EntryPage } from './entry-page.tsx';

/** A temporary password opens nothing but this page. */
export function PasswordPage({ onChanged, onSignOut }: { onChanged: () => void; onSignOut: () => void }) {
  const words = useWords();
  const signOut = useMutation({ mutationFn: peopleApi.signOut, onSettled: onSignOut });
  return (
    <EntryPage title={words.signIn.changeTitle} help={words.signIn.changeHelp}>
      <ChangePasswordForm onChanged={onChanged} />
      <Button type="link" block onClick={() => signOut.mutate()}>
        {words.shell.signOut}
      </Button>
    </EntryPage>
  );
}
