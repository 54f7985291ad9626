import type { TSchema } from 'typebox';

/** What JSON Schema keywords this page reads. */
interface Field {
  readonly type?: string;
  readonly const?: unknown;
  readonly anyOf?: readonly Field[];
  readonly properties?: Readonly<Record<string, Field>>;
  readonly required?: readonly string[];
  readonly default?: unknown;
  readonly description?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Field;
}

const code = (value: unknown): string => `\`${JSON.stringify(value)}\``;
/** A `|` would end the cell of a table. */
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** The values a field takes, in words. */
function valuesOf({ type, const: only, anyOf, items, minimum, maximum }: Field): string {
  if (only !== undefined) return code(only);
  if (anyOf) return anyOf.map(valuesOf).join(', ');
  if (items) return `list of ${valuesOf(items)}`;
  const range = minimum === undefined && maximum === undefined ? '' : `, ${minimum ?? '…'} to ${maximum ?? '…'}`;
  return `${type === 'string' ? 'text' : (type ?? 'anything')}${range}`;
}

/** `within`: the nearest object above that may be left out; its fields are needed only when it is there. */
function rowsOf(schema: Field, prefix: string, within = ''): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const path = `${prefix}${name}`;
    const needed = schema.required?.includes(name) === true && field.default === undefined;
    if (field.properties) {
      const optional = !needed && field.default === undefined;
      const text = [optional ? 'May be left out.' : '', field.description ?? ''].filter((part) => part !== '').join(' ');
      const own = text === '' ? [] : [`| \`${path}\` | object | | ${cell(text)} |`];
      return [...own, ...rowsOf(field, `${path}.`, optional ? path : within)];
    }
    const required = within === '' ? '**required**' : `required in \`${within}\``;
    const preset = field.default === undefined ? (needed ? required : '') : code(field.default);
    return [`| \`${path}\` | ${cell(valuesOf(field))} | ${cell(preset)} | ${cell(field.description ?? '')} |`];
  });
}

const TABLE_HEAD_ROWS = 2;

/** The fields of a schema as a table, nested names with dots. */
function settingsTable(schema: TSchema): string[] {
  return [
    '| field | values | default | meaning |',
    '| --- | --- | --- | --- |',
    ...rowsOf(JSON.parse(JSON.stringify(schema)) as Field, ''),
  ];
}

interface ConfigurationFile {
  readonly title: string;
  readonly intro: string;
  readonly schema: TSchema;
}
interface DriverSettings {
  readonly id: string;
  readonly title: string;
  readonly reaches: string;
  readonly config: TSchema;
}

function driverSection({ id, title, reaches, config }: DriverSettings): string[] {
  const table = settingsTable(config);
  const fields = table.length > TABLE_HEAD_ROWS ? table : ['No settings.'];
  return ['', `### ${id}`, '', `${title}. Confirms up to *${reaches}*.`, '', ...fields];
}

/** `docs/settings.md`: what the configuration files hold, and the settings of a device by its driver. */
export function settingsPage({
  files,
  drivers,
}: {
  files: readonly ConfigurationFile[];
  drivers: readonly DriverSettings[];
}): string {
  return [
    '# Settings',
    '',
    'Generated from the schemas by `node scripts/docs.mjs`; do not edit. A configuration file is JSON and holds only',
    'what is needed to boot: everything a hall is made of (departments, windows, services, devices) is content, edited in the',
    'console. A field the schema does not know is refused, and the error names it.',
    ...files.flatMap(({ title, intro, schema }) => ['', `## ${title}`, '', intro, '', ...settingsTable(schema)]),
    '',
    '## Devices',
    '',
    'A device of the hall content names its driver; `settings` are those of the driver.',
    ...drivers.flatMap(driverSection),
    '',
  ].join('\n');
}
