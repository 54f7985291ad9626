import { Input } from 'antd';
import { useState } from 'react';
import { useWords } from '../i18n/language.tsx';

/** Edits any value as JSON; gives the form a value only while the text is JSON. */
export function JsonInput({ id, value, onChange }: { id?: string; value?: unknown; onChange?: (value: unknown) => void }) {
  const words = useWords();
  const [text, setText] = useState(() => (value === undefined ? '' : JSON.stringify(value, null, 2)));
  const [wrong, setWrong] = useState(false);
  const edit = (next: string) => {
    setText(next);
    try {
      onChange?.(next.trim() === '' ? undefined : JSON.parse(next));
      setWrong(false);
    } catch {
      setWrong(true);
    }
  };
  return (
    <>
      <Input.TextArea
        {...(id !== undefined && { id })}
        rows={4}
        spellCheck={false}
        status={wrong ? 'error' : ''}
        value={text}
        onChange={(event) => edit(event.target.value)}
      />
      {wrong && (
        <div className="cause" role="alert">
          {words.hall.badJson}
        </div>
      )}
    </>
  );
}
