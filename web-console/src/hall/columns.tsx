import type { ContentKind, HallContent, Window } from '@hall/contracts';
import type { TableColumnsType } from 'antd';
import type { ContentRow } from '../api/hall-api.ts';
import type { Language } from '../i18n/language.tsx';
import type { Dictionary } from '../i18n/zh.ts';

/** A text of a row, to sort by. */
function wordOf(row: ContentRow, key: string): string {
  const value = (row as Record<string, unknown>)[key];
  return typeof value === 'string' ? value : '';
}

/** What a table of one kind shows; references are written by name. */
export function columnsOf(
  kind: ContentKind,
  content: HallContent,
  words: Dictionary,
  language: Language,
): TableColumnsType<ContentRow> {
  const t = words.hall;
  const name = (rows: readonly { id: string; zh: string; en?: string }[], id: string) => {
    const row = rows.find((each) => each.id === id);
    return row ? ((language === 'en' ? row.en : undefined) ?? row.zh) : id;
  };
  const text = (key: string, title: string, wide = false): TableColumnsType<ContentRow>[number] => ({
    key,
    title,
    dataIndex: key,
    sorter: (a, b) => wordOf(a, key).localeCompare(wordOf(b, key), 'zh-CN', { numeric: true }),
    ...(wide && { responsive: ['md' as const] }),
  });
  const department: TableColumnsType<ContentRow>[number] = {
    key: 'department',
    title: t.department,
    render: (_, row) => ('department' in row ? name(content.departments, row.department) : ''),
  };
  const id = text('id', t.id, true);
  const names = [text('zh', t.zh), text('en', t.en, true), text('short', t.short, true)];
  const columns: Record<ContentKind, TableColumnsType<ContentRow>> = {
    departments: [id, ...names],
    services: [id, ...names, text('prefix', t.prefix), department],
    staff: [id, text('name', t.name), text('number', t.staffNumber), department],
    windows: [
      text('number', t.number),
      id,
      text('area', t.area),
      department,
      {
        key: 'services',
        title: t.services,
        responsive: ['md'],
        render: (_, row) =>
          (row as Window).services.map((service) => name(content.services, service)).join(words.overview.listSeparator),
      },
    ],
    devices: [
      text('name', t.deviceName),
      id,
      text('agent', t.agent, true),
      text('driver', t.driver, true),
      {
        key: 'screen',
        title: t.screen,
        responsive: ['md'],
        render: (_, row) => {
          const screen = 'screen' in row ? row.screen : undefined;
          return screen ? `${screen.template} · ${screen.widthPx}×${screen.heightPx}` : '—';
        },
      },
      {
        key: 'window',
        title: t.window,
        render: (_, row) => {
          const bound = 'screen' in row ? row.screen?.window : undefined;
          return content.windows.find((window) => window.id === bound)?.number ?? bound ?? '—';
        },
      },
    ],
  };
  return columns[kind];
}
