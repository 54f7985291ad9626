import type { ContentKind, HallContent } from '@hall/contracts';
import { Button, Input, Popconfirm, Table } from 'antd';
import { useState } from 'react';
import { Link } from 'wouter';
import type { ContentRow } from '../api/hall-api.ts';
import { useLanguage } from '../i18n/language.tsx';
import { useHallApi } from '../live/hall-data.ts';
import { saveFile } from '../shell/save-file.ts';
import { useFailureMessage } from '../shell/use-failure-message.ts';
import { columnsOf } from './columns.tsx';
import { ImportPanel } from './import-panel.tsx';
import { RowEditor } from './row-editor.tsx';
import { useSave } from './use-content.ts';

interface ContentTableProps {
  readonly kind: ContentKind;
  readonly content: HallContent;
  readonly mayEdit: boolean;
}

/** The rows of one kind: looked through, edited one by one, imported and exported as CSV. */
export function ContentTable({ kind, content, mayEdit }: ContentTableProps) {
  const { language, words } = useLanguage();
  const t = words.hall;
  const api = useHallApi();
  const tell = useFailureMessage();
  const [search, setSearch] = useState('');
  const [editing, setEditing] = useState<ContentRow | 'new'>();
  const [importing, setImporting] = useState(false);
  const remove = useSave();
  const rows: readonly ContentRow[] = content[kind];
  const wanted = search.trim().toLowerCase();
  const shown = rows.filter((row) => JSON.stringify(row).toLowerCase().includes(wanted));
  const exportCsv = () => void api.exportContent(kind).then((text) => saveFile(`${kind}.csv`, text, 'text/csv'), tell);
  const columns = [
    ...columnsOf(kind, content, words, language),
    ...(mayEdit
      ? [
          {
            key: 'actions',
            title: words.common.actions,
            render: (_: unknown, row: ContentRow) => (
              <span className="row-actions">
                <Button type="link" className="cell-link" aria-label={t.editRow(row.id)} onClick={() => setEditing(row)}>
                  {words.common.edit}
                </Button>
                <Popconfirm
                  title={t.removeAsk(row.id)}
                  onConfirm={() => remove.mutate((at, etag) => at.removeRow(kind, row.id, etag), { onError: tell })}
                >
                  <Button type="link" className="cell-link" aria-label={t.removeAsk(row.id)}>
                    {words.common.remove}
                  </Button>
                </Popconfirm>
              </span>
            ),
          },
        ]
      : []),
  ];
  return (
    <>
      <div className="filters">
        <Input.Search
          className="filter-search"
          allowClear
          aria-label={words.common.search}
          placeholder={words.common.search}
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
        <span className="quiet filter-count" role="status">
          {words.common.total(shown.length)}
        </span>
        {mayEdit && (
          <Button type="primary" onClick={() => setEditing('new')}>
            {words.common.add}
          </Button>
        )}
        {mayEdit && <Button onClick={() => setImporting(true)}>{t.importCsv}</Button>}
        <Button onClick={exportCsv}>{t.exportCsv}</Button>
        {kind === 'devices' && mayEdit && <Link href="/discovery">{words.discovery.title}</Link>}
      </div>
      <Table<ContentRow>
        rowKey="id"
        size="small"
        columns={columns}
        dataSource={shown}
        pagination={{ defaultPageSize: 50, hideOnSinglePage: true, showSizeChanger: false }}
        locale={{ emptyText: words.common.empty }}
      />
      {editing && <RowEditor kind={kind} row={editing} content={content} onClose={() => setEditing(undefined)} />}
      {importing && <ImportPanel kind={kind} onClose={() => setImporting(false)} />}
    </>
  );
}
