import { App, Button, Modal } from 'antd';
import { useWords } from '../i18n/language.tsx';

interface SecretOnceProps {
  readonly title: string;
  readonly help: string;
  readonly secret: string | undefined;
  readonly onClose: () => void;
}

/** Shows a generated password the one time it can be seen. Closing by a click beside it would lose it, so only the button closes. */
export function SecretOnce({ title, help, secret, onClose }: SecretOnceProps) {
  const words = useWords();
  const { message } = App.useApp();
  const copy = async (text: string) => {
    await navigator.clipboard.writeText(text);
    void message.success(words.common.copied);
  };
  return (
    <Modal
      open={secret !== undefined}
      title={title}
      mask={{ closable: false }}
      keyboard={false}
      closable={false}
      footer={
        <>
          {window.isSecureContext && (
            <Button onClick={() => void copy(secret ?? '').catch(() => undefined)}>{words.common.copy}</Button>
          )}
          <Button type="primary" onClick={onClose}>
            {words.common.done}
          </Button>
        </>
      }
    >
      <p>{help}</p>
      <output className="secret" data-testid="secret">
        {secret}
      </output>
    </Modal>
  );
}
