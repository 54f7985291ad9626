import { Alert, Button } from 'antd';
import { failureText } from '../api/failure.ts';
import { useLanguage } from '../i18n/language.tsx';

/** A failure told in the language of the reader, with the way to try again. */
export function Failure({ error, onRetry, page = false }: { error: unknown; onRetry?: () => void; page?: boolean }) {
  const { language, words } = useLanguage();
  const { message, hints } = failureText(error, language);
  const alert = (
    <Alert
      type="error"
      showIcon
      role="alert"
      title={message}
      description={hints.length > 0 ? hints.join(' ') : undefined}
      action={onRetry ? <Button onClick={onRetry}>{words.common.retry}</Button> : undefined}
    />
  );
  return page ? <main className="centre narrow">{alert}</main> : alert;
}
