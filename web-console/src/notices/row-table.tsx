import { Button, Popconfirm, Table, type TableColumnsType } from 'antd';
import { useWords } from '../i18n/language.tsx';

interface Props<R> {
  readonly title: string;
  readonly add: string;
  readonly rows: readonly R[];
  readonly columns: TableColumnsType<R>;
  readonly nameOf: (row: R) => string;
  readonly onAdd: () => void;
  readonly onEdit: (row: R) => void;
  readonly onRemove: (row: R) => void;
  /** One more thing that can be done with a row. */
  readonly more?: (row: R) => { readonly label: string; readonly name: string; readonly act: () => void };
}

/** A short list with its heading, whose rows can be added, changed and removed. */
export function RowTable<R extends { readonly id: string }>({
  title,
  add,
  rows,
  columns,
  nameOf,
  onAdd,
  onEdit,
  onRemove,
  more,
}: Props<R>) {
  const words = useWords();
  const t = words.notices;
  const actions = (row: R) => {
    const another = more?.(row);
    return (
      <span className="row-actions">
        {another && (
          <Button type="link" className="cell-link" aria-label={another.name} onClick={another.act}>
            {another.label}
          </Button>
        )}
        <Button type="link" className="cell-link" aria-label={t.editOf(nameOf(row))} onClick={() => onEdit(row)}>
          {words.common.edit}
        </Button>
        <Popconfirm title={t.removeAsk(nameOf(row))} onConfirm={() => onRemove(row)}>
          <Button type="link" className="cell-link" aria-label={`${words.common.remove} ${nameOf(row)}`}>
            {words.common.remove}
          </Button>
        </Popconfirm>
      </span>
    );
  };
  return (
    <section>
      <div className="page-head">
        <h2>{title}</h2>
        <Button onClick={onAdd}>{add}</Button>
      </div>
      <Table<R>
        rowKey="id"
        size="small"
        columns={[...columns, { title: words.common.actions, key: 'actions', render: (_, row) => actions(row) }]}
        dataSource={rows}
        pagination={false}
        locale={{ emptyText: words.common.empty }}
      />
    </section>
  );
}
