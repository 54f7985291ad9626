/** Hall content as CSV: reading with an error per cell, writing that no spreadsheet takes for formulas. */
import { HallContent, type ContentKind, type ImportReply } from '@hall/contracts';
import { checkContent } from '@hall/model';
import { parse } from 'csv-parse/sync';
import { Compile } from 'typebox/compile';
import { csvText, FORMULA } from '../../platform/csv-text.ts';
import { changesBetween, itemsOf } from './changes.ts';
import { columns, type Column } from './columns.ts';

type RowError = ImportReply['errors'][number];
type Item = { readonly id: string } & Readonly<Record<string, unknown>>;

const MOST_ERRORS = 500;

const kinds = HallContent.properties;
const schemas = {
  departments: Compile(kinds.departments.items),
  services: Compile(kinds.services.items),
  staff: Compile(kinds.staff.items),
  windows: Compile(kinds.windows.items),
  devices: Compile(kinds.devices.items),
};

/** The text of a CSV file in UTF-8 (with or without BOM) or GBK; undefined for anything else. */
export function decodeCsv(bytes: Uint8Array): string | undefined {
  for (const encoding of ['utf-8', 'gb18030']) {
    try {
      return new TextDecoder(encoding, { fatal: true }).decode(bytes);
    } catch {
      // Not this one.
    }
  }
  return undefined;
}

const at = (row: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((part, key) => (part as Record<string, unknown> | undefined)?.[key], row);

function cellOf(row: Item, { path, type }: Column): string {
  const value = at(row, path);
  if (value === undefined) return '';
  if (type === 'list') return (value as readonly string[]).join(';');
  if (type === 'json') return JSON.stringify(value);
  return typeof value === 'number' ? String(value) : (value as string);
}

/** The rows of one kind as CSV with BOM and CRLF. */
export function toCsv(content: HallContent, kind: ContentKind): string {
  const table = columns[kind];
  const rows = (content[kind] as readonly Item[]).map((row) => table.map((column) => cellOf(row, column)));
  return csvText(
    table.map(({ name }) => name),
    rows,
  );
}

const cut = (value: string) => (value.length > 80 ? `${value.slice(0, 79)}…` : value);

/** The columns in the order of the header; errors for unknown, repeated and missing ones. */
function readHeader(kind: ContentKind, header: readonly string[]): { order: (Column | undefined)[]; errors: RowError[] } {
  const table = columns[kind];
  const errors: RowError[] = [];
  const order = header.map((cell) => {
    const name = cell.trim();
    const found = table.find((column) => column.name === name || column.title === name);
    if (!found && name !== '') {
      errors.push({
        row: 1,
        field: cut(name),
        value: cut(name),
        expected: `one of: ${table.map((column) => column.name).join(', ')}`,
      });
    }
    return found;
  });
  for (const column of table) {
    const times = order.filter((each) => each === column).length;
    if (times > 1) errors.push({ row: 1, field: column.name, value: column.name, expected: 'this column once' });
    if (times === 0 && column.type !== 'optional' && !column.path.includes('screen')) {
      errors.push({ row: 1, field: column.name, value: '', expected: 'this column in the header' });
    }
  }
  return { order, errors };
}

/** The value of a cell; undefined when it cannot be one. */
function valueOf(cell: string, type: Column['type']): unknown {
  if (type === 'list') return cell.split(/[\s;；,，、|]+/).filter((word) => word !== '');
  if (type === 'integer') return /^\d{1,9}$/.test(cell) ? Number(cell) : undefined;
  if (type !== 'json') return cell;
  try {
    return cell === '' ? {} : (JSON.parse(cell) as unknown);
  } catch {
    return undefined;
  }
}

/** One row from its cells; errors name the column. */
function readRow(
  kind: ContentKind,
  row: number,
  order: readonly (Column | undefined)[],
  cells: readonly string[],
): { item: Item; errors: RowError[] } {
  const errors: RowError[] = [];
  const item: Record<string, unknown> = {};
  const texts = new Map<string, string>();
  const put = ([key = '', ...rest]: readonly string[], value: unknown, into: Record<string, unknown>): void => {
    if (rest.length === 0) into[key] = value;
    else put(rest, value, (into[key] ??= {}) as Record<string, unknown>);
  };
  for (const [place, column] of order.entries()) {
    if (!column) continue;
    const typed = (cells[place] ?? '').trim();
    texts.set(column.name, typed);
    if (FORMULA.test(typed) && !typed.startsWith("'")) {
      errors.push({
        row,
        field: column.name,
        value: cut(typed),
        expected: "text, not a formula; put ' before it if it is meant",
      });
      continue;
    }
    const cell = FORMULA.test(typed) ? typed.slice(1) : typed;
    if (cell === '' && (column.type === 'optional' || column.type === 'integer')) continue;
    const value = valueOf(cell, column.type);
    if (value === undefined) errors.push({ row, field: column.name, value: cut(typed), expected: column.expected });
    else put(column.path, value, item);
  }
  if (cells.slice(order.length).some((cell) => cell.trim() !== '')) {
    errors.push({ row, field: '', value: String(cells.length), expected: `${order.length} cells, as in the header` });
  }
  if (errors.length === 0) {
    for (const { instancePath, keyword, params } of schemas[kind].Errors(item)) {
      const [missing] = keyword === 'required' ? (params as { requiredProperties: string[] }).requiredProperties : [];
      const path = [...instancePath.split('/').slice(1), ...(missing === undefined ? [] : [missing])];
      const column =
        columns[kind].find((each) => each.path.every((part, depth) => path[depth] === part)) ??
        columns[kind].find(({ path: [first] }) => first === path[0]);
      const field = column?.name ?? path.join('/');
      if (errors.some((error) => error.field === field)) continue;
      errors.push({ row, field, value: cut(texts.get(field) ?? ''), expected: column?.expected ?? 'a valid value' });
    }
  }
  return { item: item as Item, errors };
}

/** What an import would make of the content; `content` is there only without errors. */
export interface Imported extends Omit<ImportReply, 'dryRun' | 'applied'> {
  readonly content?: HallContent;
}

const failed = (errors: RowError[]): Imported => ({
  added: 0,
  changed: 0,
  removed: 0,
  same: 0,
  errors: errors.slice(0, MOST_ERRORS),
});

/**
 * Reads a file that holds all rows of one kind: what it does not name is removed. Checks cells, rows and references;
 * any error means that nothing may change.
 */
export function importCsv(content: HallContent, kind: ContentKind, bytes: Uint8Array): Imported {
  const text = decodeCsv(bytes);
  if (text === undefined) return failed([{ row: 1, field: '', value: '', expected: 'text in UTF-8 or GBK' }]);
  let records: { record: string[]; info: { lines: number } }[];
  try {
    const options = {
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
      bom: true,
    };
    // The types of the package do not know what `info` does to the result.
    records = parse(text, options) as unknown as typeof records;
  } catch (error) {
    const { lines = 1 } = error as { lines?: number };
    return failed([
      { row: lines, field: '', value: '', expected: 'CSV: a quote inside a cell is doubled, a quoted cell ends with a quote' },
    ]);
  }
  const [header, ...rows] = records;
  if (!header) return failed([{ row: 1, field: '', value: '', expected: 'a header with the names of the columns' }]);
  const { order, errors: headerErrors } = readHeader(kind, header.record);
  if (headerErrors.length > 0) return failed(headerErrors);
  const { maxItems: most = 0 } = kinds[kind] as { maxItems?: number };
  if (rows.length > most)
    return failed([{ row: most + 2, field: '', value: String(rows.length), expected: `at most ${most} rows` }]);

  const read = rows.map(({ record, info }) => ({ line: info.lines, ...readRow(kind, info.lines, order, record) }));
  const good = read.filter(({ errors }) => errors.length === 0);
  const errors = read.flatMap((row) => row.errors);
  const next = { ...content, [kind]: good.map(({ item }) => item) } as HallContent;
  for (const { kind: of, index, field, value, expected } of checkContent(next)) {
    const row = of === kind ? good[index] : undefined;
    if (row) {
      const path = field.split('/');
      const column = columns[kind].find((each) => each.path.every((part, depth) => path[depth] === part));
      errors.push({ row: row.line, field: column?.name ?? field, value: cut(value), expected });
    } else if (good.length === read.length) {
      // Something outside the file refers to a row that the file does not have any more.
      const id = of === 'calendar' ? '' : `/${content[of][index]?.id ?? index}`;
      errors.push({ row: 1, field: `${of}${id}/${field}`, value: cut(value), expected });
    }
  }
  if (errors.length > 0) return failed(errors.toSorted((left, right) => left.row - right.row));
  const changes = changesBetween(itemsOf(content), itemsOf(next))[kind] ?? { added: [], changed: [], removed: [] };
  const added = changes.added.length;
  const changed = changes.changed.length;
  return { added, changed, removed: changes.removed.length, same: good.length - added - changed, errors: [], content: next };
}
