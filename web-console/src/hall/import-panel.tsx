import type { ContentKind, ImportReply } from '@hall/contracts';
import { useMutation } from '@tanstack/react-query';
import { Alert, Button, Input, Modal, Table } from 'antd';
import { useId, useState } from 'react';
import { useWords } from '../i18n/language.tsx';
import { useHallApi } from '../live/hall-data.ts';
import { Failure } from '../shell/failure.tsx';
import { fileText } from './file-text.ts';
import { useReread } from './use-content.ts';

function Result({ reply }: { reply: ImportReply }) {
  const words = useWords();
  const t = words.import;
  const counts = `${t.added} ${reply.added} · ${t.changed} ${reply.changed} · ${t.removed} ${reply.removed} · ${t.same} ${reply.same}`;
  if (reply.errors.length === 0) {
    return <Alert type="success" showIcon role="status" title={reply.applied ? t.applied : t.noErrors} description={counts} />;
  }
  return (
    <>
      <Alert type="error" showIcon role="alert" title={t.errors(reply.errors.length)} />
      <Table
        rowKey={(error) => `${error.row} ${error.field} ${error.value}`}
        size="small"
        dataSource={reply.errors}
        pagination={{ defaultPageSize: 10, hideOnSinglePage: true, showSizeChanger: false }}
        columns={[
          { title: t.row, dataIndex: 'row', align: 'right' },
          { title: t.field, dataIndex: 'field' },
          { title: t.value, dataIndex: 'value', render: (value: string) => <code>{value}</code> },
          { title: t.expected, dataIndex: 'expected' },
        ]}
      />
    </>
  );
}

/** CSV into the hall: chosen or pasted, tried without changing anything, then applied as a whole or not at all. */
export function ImportPanel({ kind, onClose }: { kind: ContentKind; onClose: () => void }) {
  const words = useWords();
  const t = words.import;
  const api = useHallApi();
  const reread = useReread();
  const fileId = useId();
  const [text, setText] = useState('');
  const [fileName, setFileName] = useState('');
  const [tried, setTried] = useState('');
  const run = useMutation({
    mutationFn: (dryRun: boolean) => api.importCsv(kind, text, dryRun),
    onSuccess: async (reply) => {
      setTried(reply.errors.length === 0 && reply.dryRun ? text : '');
      if (reply.applied) await reread();
    },
  });
  const applied = run.data?.applied === true;
  const take = async (file: File | undefined) => {
    if (!file) return;
    run.reset();
    setFileName(file.name);
    setText(fileText(await file.arrayBuffer()));
  };
  return (
    <Modal open width={720} title={t.title(words.hall.kinds[kind])} footer={null} onCancel={onClose} mask={{ closable: false }}>
      <p className="help">{t.help}</p>
      <p className="file">
        <input
          id={fileId}
          className="sr"
          type="file"
          accept=".csv,text/csv"
          onChange={(event) => void take(event.target.files?.[0])}
        />
        <label htmlFor={fileId}>{t.choose}</label>
        <span className="quiet" role="status">
          {fileName && t.chosen(fileName)}
        </span>
      </p>
      <Input.TextArea
        aria-label={t.paste}
        placeholder={t.paste}
        rows={6}
        spellCheck={false}
        className="csv"
        value={text}
        onChange={(event) => {
          run.reset();
          setText(event.target.value);
        }}
      />
      <div className="form-actions">
        <Button onClick={onClose}>{applied ? words.common.close : words.common.cancel}</Button>
        <Button disabled={text.trim() === '' || applied} loading={run.isPending} onClick={() => run.mutate(true)}>
          {t.dryRun}
        </Button>
        <Button
          type="primary"
          disabled={text === '' || tried !== text || applied}
          loading={run.isPending}
          onClick={() => run.mutate(false)}
        >
          {t.apply}
        </Button>
      </div>
      {run.error && <Failure error={run.error} />}
      {run.data && <Result reply={run.data} />}
    </Modal>
  );
}
