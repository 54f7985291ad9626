/** Reads the JSON Schema a driver announces as form fields. Pure; what it does not understand becomes a JSON field. */

interface Common {
  readonly key: string;
  readonly title: string;
  readonly description: string | undefined;
  readonly required: boolean;
  readonly initial: unknown;
}
export type SchemaField = Common &
  (
    | {
        readonly kind: 'text';
        readonly minLength: number;
        readonly maxLength: number | undefined;
        readonly pattern: string | undefined;
      }
    | { readonly kind: 'number'; readonly integer: boolean; readonly min: number | undefined; readonly max: number | undefined }
    | { readonly kind: 'boolean' }
    | { readonly kind: 'choice'; readonly options: readonly { readonly value: string | number; readonly label: string }[] }
    | { readonly kind: 'group'; readonly fields: readonly SchemaField[] }
    | { readonly kind: 'json' }
  );

type Schema = Readonly<Record<string, unknown>>;
const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null && !Array.isArray(value);
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const number = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

/** `heartbeatMs` → `heartbeat (ms)`: a name to read where a schema gives no title. */
function titleOf(key: string): string {
  const unit = /^(.+?)(Ms|S|Px|Bytes|Percent)$/.exec(key);
  const spaced = (unit?.[1] ?? key).replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  const words = spaced.charAt(0).toUpperCase() + spaced.slice(1);
  return unit ? `${words} (${unit[2]?.toLowerCase()})` : words;
}

/** Values of an enumeration: `enum`, or a union of constants with their own titles. */
function optionsOf(schema: Schema): { value: string | number; label: string }[] | undefined {
  const branches = schema['enum'] ?? schema['anyOf'] ?? schema['oneOf'];
  if (!Array.isArray(branches) || branches.length === 0) return undefined;
  const options = branches.map((branch: unknown) => {
    const value = isSchema(branch) ? branch['const'] : branch;
    if (typeof value !== 'string' && typeof value !== 'number') return undefined;
    return { value, label: (isSchema(branch) ? text(branch['title']) : undefined) ?? String(value) };
  });
  return options.every((option) => option !== undefined) ? options : undefined;
}

function fieldOf(key: string, schema: Schema, required: boolean): SchemaField {
  const common: Common = {
    key,
    title: text(schema['title']) ?? titleOf(key),
    description: text(schema['description']),
    required,
    initial: schema['default'] ?? schema['const'],
  };
  const options = 'const' in schema ? undefined : optionsOf(schema);
  if (options) return { ...common, kind: 'choice', options };
  switch (schema['type']) {
    case 'string': {
      const maxLength = number(schema['maxLength']);
      return {
        ...common,
        kind: 'text',
        minLength: number(schema['minLength']) ?? 0,
        maxLength,
        pattern: text(schema['pattern']),
      };
    }
    case 'integer':
    case 'number': {
      const integer = schema['type'] === 'integer';
      return { ...common, kind: 'number', integer, min: number(schema['minimum']), max: number(schema['maximum']) };
    }
    case 'boolean':
      return { ...common, kind: 'boolean' };
    case 'object':
      return isSchema(schema['properties'])
        ? { ...common, kind: 'group', fields: fieldsOf(schema) }
        : { ...common, kind: 'json' };
    default:
      return { ...common, kind: 'json' };
  }
}

/** The fields of an object schema in the order in which it names them; none for anything that is not an object schema. */
export function fieldsOf(schema: unknown): readonly SchemaField[] {
  if (!isSchema(schema) || !isSchema(schema['properties'])) return [];
  const required = new Set(Array.isArray(schema['required']) ? schema['required'] : []);
  return Object.entries(schema['properties']).flatMap(([key, inner]) =>
    isSchema(inner) ? [fieldOf(key, inner, required.has(key) && inner['default'] === undefined)] : [],
  );
}

/** Whether the schema can be drawn as a form at all; a union of whole objects is edited as JSON. */
export const canDraw = (schema: unknown): boolean => isSchema(schema) && isSchema(schema['properties']);

/** What a form holds before anybody has typed: given values over the defaults of the schema. */
export function initialValues(fields: readonly SchemaField[], given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const values: Record<string, unknown> = { ...given };
  for (const field of fields) {
    const held = given[field.key];
    if (field.kind === 'group') {
      const inner = initialValues(field.fields, isSchema(held) ? held : {});
      if (Object.keys(inner).length > 0 || field.required) values[field.key] = inner;
    } else if (held === undefined && field.initial !== undefined) values[field.key] = field.initial;
  }
  return values;
}

/** What is sent: empty entries are left out, so that the driver's defaults hold. Keys the schema does not know are kept. */
export function settingsOf(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(values)) {
    if (value === undefined || value === null || value === '') continue;
    if (!isSchema(value)) kept[key] = value;
    else {
      const inner = settingsOf(value);
      if (Object.keys(inner).length > 0) kept[key] = inner;
    }
  }
  return kept;
}

/** A setting to read. */
export const valueText = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : JSON.stringify(value);
