import { Form, Input, InputNumber, Select, Switch } from 'antd';
import type { ReactNode } from 'react';
import { useWords } from '../i18n/language.tsx';
import type { Dictionary } from '../i18n/zh.ts';
import { JsonInput } from './json-input.tsx';
import type { SchemaField } from './fields.ts';

/** What the schema demands of a number, in words. */
function rangeText(min: number | undefined, max: number | undefined, words: Dictionary): string {
  if (min !== undefined && max !== undefined) return words.form.between(min, max);
  if (min !== undefined) return words.form.atLeast(min);
  return max === undefined ? words.form.integer : words.form.atMost(max);
}

function Field({ field, path }: { field: SchemaField; path: readonly string[] }) {
  const words = useWords();
  const name = [...path, field.key];
  const required = field.required ? [{ required: true, message: words.form.required }] : [];
  const shared = { name, label: field.title, extra: field.description, required: field.required };
  switch (field.kind) {
    case 'group':
      return (
        <fieldset className="group">
          <legend>{field.title}</legend>
          <SchemaFields fields={field.fields} path={name} />
        </fieldset>
      );
    case 'boolean':
      return (
        <Form.Item {...shared} valuePropName="checked">
          <Switch />
        </Form.Item>
      );
    case 'choice':
      return (
        <Form.Item {...shared} rules={required}>
          <Select options={[...field.options]} allowClear={!field.required} />
        </Form.Item>
      );
    case 'number': {
      const { min, max, integer } = field;
      const range = { type: integer ? 'integer' : 'number', message: rangeText(min, max, words) } as const;
      const limits = { ...range, ...(min !== undefined && { min }), ...(max !== undefined && { max }) };
      return (
        <Form.Item {...shared} rules={[...required, limits]}>
          <InputNumber className="wide" />
        </Form.Item>
      );
    }
    case 'text': {
      const { minLength, maxLength, pattern } = field;
      const length = { min: minLength, ...(maxLength !== undefined && { max: maxLength }) };
      const rules = [
        ...required,
        ...(minLength > 0 || maxLength !== undefined
          ? [{ ...length, message: words.form.length(minLength, maxLength ?? 999) }]
          : []),
        ...(pattern === undefined ? [] : [{ pattern: new RegExp(pattern), message: words.form.pattern }]),
      ];
      return (
        <Form.Item {...shared} rules={rules}>
          <Input spellCheck={false} />
        </Form.Item>
      );
    }
    case 'json':
      return (
        <Form.Item {...shared} rules={required}>
          <JsonInput />
        </Form.Item>
      );
  }
}

/** Form items of a schema, to stand inside a form; `path` is where their values go. */
export function SchemaFields({ fields, path }: { fields: readonly SchemaField[]; path: readonly string[] }): ReactNode {
  return fields.map((field) => <Field key={field.key} field={field} path={path} />);
}
