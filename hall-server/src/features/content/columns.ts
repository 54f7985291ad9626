/** The columns of the CSV files, by kind. A column has a stable English name and a Chinese title; an import takes both. */
import type { ContentKind } from '@hall/contracts';

export interface Column {
  readonly name: string;
  readonly title: string;
  /** Where the value lies in the row, e.g. `screen/window`. */
  readonly path: readonly string[];
  readonly type: 'text' | 'optional' | 'list' | 'integer' | 'json';
  /** What the value must be, for whoever corrects the file. */
  readonly expected: string;
}

const column = (name: string, title: string, type: Column['type'], expected: string, path = name): Column => ({
  name,
  title,
  path: path.split('/'),
  type,
  expected,
});

const id = column('id', '编号', 'text', 'a-z, 0-9 and inner hyphens, 1 to 32 characters');
const zh = column('zh', '名称', 'text', '1 to 40 characters');
const en = column('en', '英文名称', 'optional', 'up to 80 characters');
const short = column('short', '简称', 'optional', 'up to 8 characters');
const department = column('department', '部门', 'text', 'the id of a department');
const area = (path: string) => column('area', '区域', 'optional', 'up to 16 characters', path);

const inventory = [
  column('place', '位置', 'optional', 'up to 40 characters', 'inventory/place'),
  column('switch', '交换机', 'optional', 'up to 40 characters', 'inventory/switch'),
  column('maker', '厂家', 'optional', 'up to 40 characters', 'inventory/maker'),
  column('model', '型号', 'optional', 'up to 60 characters', 'inventory/model'),
  column('serial', '序列号', 'optional', 'up to 60 characters', 'inventory/serial'),
  column('firmware', '固件', 'optional', 'up to 40 characters', 'inventory/firmware'),
  column('warrantyUntil', '保修至', 'optional', 'a day that exists, YYYY-MM-DD', 'inventory/warrantyUntil'),
  column('responsible', '负责人', 'optional', 'up to 40 characters', 'inventory/responsible'),
];

export const columns: Readonly<Record<ContentKind, readonly Column[]>> = {
  departments: [id, zh, en, short],
  services: [id, zh, en, short, department, column('prefix', '字头', 'text', 'up to 3 capital letters')],
  staff: [
    id,
    column('name', '姓名', 'text', '1 to 32 characters'),
    column('number', '工号', 'optional', 'up to 16 characters'),
    department,
  ],
  windows: [
    id,
    column('number', '窗口号', 'text', '1 to 4 digits or capital letters'),
    area('area'),
    department,
    column('services', '业务', 'list', 'ids of services, separated by ;'),
  ],
  devices: [
    id,
    column('name', '名称', 'text', '1 to 40 characters'),
    column('agent', '代理', 'text', 'the id of an agent'),
    column('driver', '驱动', 'text', 'the id of a driver'),
    column('settings', '参数', 'json', 'a JSON object'),
    column('template', '模板', 'optional', 'the id of a template', 'screen/template'),
    column('widthPx', '宽', 'integer', 'a whole number of pixels, 16 to 7680', 'screen/widthPx'),
    column('heightPx', '高', 'integer', 'a whole number of pixels, 8 to 4320', 'screen/heightPx'),
    column('window', '窗口', 'optional', 'the id of a window', 'screen/window'),
    area('screen/area'),
    ...inventory,
  ],
};
