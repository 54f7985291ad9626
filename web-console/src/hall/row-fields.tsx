import { ID_PATTERN, type ContentKind, type HallContent } from '@hall/contracts';
import { Form, Input, Select } from 'antd';
import { named, useLanguage } from '../i18n/language.tsx';

const patterns = { id: new RegExp(ID_PATTERN), prefix: /^[A-Z]{0,3}$/, number: /^[0-9A-Z]{1,4}$/ };

/** The id of a row: typed once, then kept. */
export function IdField({ known }: { known: boolean }) {
  const { words } = useLanguage();
  const t = words.hall;
  return (
    <Form.Item
      name="id"
      label={t.id}
      extra={words.devices.idRule}
      rules={[{ required: true, pattern: patterns.id, message: words.devices.idRule }]}
    >
      <Input readOnly={known} autoFocus={!known} autoCapitalize="none" spellCheck={false} maxLength={32} />
    </Form.Item>
  );
}

/** A short text; demanded unless `optional`. */
export function TextField({
  name,
  label,
  max,
  optional = false,
  pattern,
}: {
  name: string | string[];
  label: string;
  max: number;
  optional?: boolean;
  pattern?: RegExp;
}) {
  const { words } = useLanguage();
  const rules = [
    ...(optional ? [] : [{ required: true, message: words.form.required }]),
    ...(pattern ? [{ pattern, message: words.hall.patternWrong }] : []),
  ];
  return (
    <Form.Item name={name} label={label} rules={rules}>
      <Input maxLength={max} />
    </Form.Item>
  );
}

/** Chooses rows of another kind by their names. */
export function ReferenceField(props: {
  name: string | string[];
  label: string;
  options: readonly { value: string; label: string }[];
  many?: boolean;
  optional?: boolean;
  onChange?: (id: string) => void;
}) {
  const { words } = useLanguage();
  const { name, label, options, many = false, optional = false, onChange } = props;
  return (
    <Form.Item name={name} label={label} rules={optional ? [] : [{ required: true, message: words.form.required }]}>
      <Select
        showSearch={{ optionFilterProp: 'label' }}
        allowClear={optional}
        placeholder={words.hall.pick}
        options={[...options]}
        {...(many && { mode: 'multiple' as const })}
        {...(onChange && { onChange })}
      />
    </Form.Item>
  );
}

/** The fields of departments, services, staff and windows. */
export function RowFields({
  kind,
  content,
  known,
}: {
  kind: Exclude<ContentKind, 'devices'> | ContentKind;
  content: HallContent;
  known: boolean;
}) {
  const { language, words } = useLanguage();
  const t = words.hall;
  const options = (rows: readonly { id: string; zh: string; en?: string }[]) =>
    rows.map((row) => ({ value: row.id, label: named(row, language) }));
  const names = (
    <>
      <TextField name="zh" label={t.zh} max={40} />
      <TextField name="en" label={t.en} max={80} optional />
      <TextField name="short" label={t.short} max={8} optional />
    </>
  );
  const department = <ReferenceField name="department" label={t.department} options={options(content.departments)} />;
  return (
    <>
      <IdField known={known} />
      {kind === 'departments' && names}
      {kind === 'services' && (
        <>
          {names}
          <TextField name="prefix" label={t.prefix} max={3} pattern={patterns.prefix} />
          {department}
        </>
      )}
      {kind === 'staff' && (
        <>
          <TextField name="name" label={t.name} max={32} />
          <TextField name="number" label={t.staffNumber} max={16} optional />
          {department}
        </>
      )}
      {kind === 'windows' && (
        <>
          <TextField name="number" label={t.number} max={4} pattern={patterns.number} />
          <TextField name="area" label={t.area} max={16} optional />
          {department}
          <ReferenceField name="services" label={t.services} options={options(content.services)} many optional />
        </>
      )}
    </>
  );
}
