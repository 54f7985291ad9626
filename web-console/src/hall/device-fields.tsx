import type { Device, HallContent } from '@hall/contracts';
import { Checkbox, Form, InputNumber } from 'antd';
import { useWords } from '../i18n/language.tsx';
import { useAgents } from '../live/hall-data.ts';
import { canDraw, fieldsOf, initialValues, settingsOf } from '../schema-form/fields.ts';
import { JsonInput } from '../schema-form/json-input.tsx';
import { SchemaFields } from '../schema-form/schema-fields.tsx';
import { filled } from './row-values.ts';
import { IdField, ReferenceField, TextField } from './row-fields.tsx';

/** A device as the form holds it. */
export interface DeviceValues extends Omit<Device, 'screen'> {
  hasScreen: boolean;
  screen?: Partial<NonNullable<Device['screen']>>;
}

export const deviceValues = (device: Device | undefined): Partial<DeviceValues> =>
  device ? { ...device, hasScreen: device.screen !== undefined } : { hasScreen: true, settings: {} };

/** The device of a form; what was left empty is absent. */
export function deviceOf({ hasScreen, screen, settings, inventory, ...device }: DeviceValues): Device {
  const things = filled({ ...inventory });
  const kept: Device = {
    ...device,
    settings: settingsOf(settings ?? {}),
    ...(Object.keys(things).length > 0 && { inventory: things }),
  };
  return hasScreen ? { ...kept, screen: filled({ ...screen }) as NonNullable<Device['screen']> } : kept;
}

function DriverSettings() {
  const words = useWords();
  const form = Form.useFormInstance<DeviceValues>();
  const agent = Form.useWatch<string | undefined>('agent', form);
  const driver = Form.useWatch<string | undefined>('driver', form);
  const agents = useAgents();
  const announced = agents.data?.find(({ id }) => id === agent)?.drivers.find(({ id }) => id === driver);
  if (!driver) return null;
  const schema = announced?.settings;
  return (
    <fieldset className="group" key={`${agent} ${driver} ${announced === undefined}`}>
      <legend>{`${words.hall.driverSettings} · ${announced?.title ?? driver}`}</legend>
      {canDraw(schema) ? (
        <SchemaFields fields={fieldsOf(schema)} path={['settings']} />
      ) : (
        <Form.Item name="settings" extra={announced ? undefined : words.hall.driverUnknown} label={words.hall.driverSettings}>
          <JsonInput />
        </Form.Item>
      )}
    </fieldset>
  );
}

const inventoryFields = [
  { name: 'place', max: 40 },
  { name: 'switch', max: 40 },
  { name: 'maker', max: 40 },
  { name: 'model', max: 60 },
  { name: 'serial', max: 60 },
  { name: 'firmware', max: 40 },
  { name: 'warrantyUntil', max: 10 },
  { name: 'responsible', max: 40 },
] as const;

/** The fields of a device: whose it is, how it is driven, and which window its screen stands over. */
export function DeviceFields({ content, known }: { content: HallContent; known: boolean }) {
  const words = useWords();
  const t = words.hall;
  const form = Form.useFormInstance<DeviceValues>();
  const agents = useAgents();
  const hasScreen = Form.useWatch<boolean | undefined>('hasScreen', form);
  const agent = Form.useWatch<string | undefined>('agent', form);
  const drivers = agents.data?.find(({ id }) => id === agent)?.drivers ?? [];
  const inUse = [...new Set(content.devices.map((device) => device.driver))];
  const driverOptions = [
    ...drivers.map(({ id, title }) => ({ value: id, label: title })),
    ...inUse.filter((id) => !drivers.some((driver) => driver.id === id)).map((id) => ({ value: id, label: id })),
  ];
  const agentIds = [...new Set([...(agents.data ?? []).map(({ id }) => id), ...content.devices.map((device) => device.agent)])];
  const templates = [
    ...new Set(['window-strip', 'queue-board', ...content.devices.flatMap(({ screen }) => (screen ? [screen.template] : []))]),
  ];
  const startFromDefaults = (driver: string) =>
    form.setFieldValue('settings', initialValues(fieldsOf(drivers.find(({ id }) => id === driver)?.settings), {}));
  return (
    <>
      <IdField known={known} />
      <TextField name="name" label={t.deviceName} max={40} />
      <ReferenceField name="agent" label={t.agent} options={agentIds.map((id) => ({ value: id, label: id }))} />
      <ReferenceField name="driver" label={t.driver} options={driverOptions} onChange={startFromDefaults} />
      <DriverSettings />
      <Form.Item name="hasScreen" valuePropName="checked">
        <Checkbox>{t.hasScreen}</Checkbox>
      </Form.Item>
      {hasScreen && (
        <fieldset className="group">
          <legend>{t.screen}</legend>
          <ReferenceField
            name={['screen', 'template']}
            label={t.template}
            options={templates.map((id) => ({ value: id, label: id }))}
          />
          <div className="pair">
            <Form.Item
              name={['screen', 'widthPx']}
              label={t.width}
              rules={[{ required: true, type: 'integer', min: 16, max: 7680, message: words.form.between(16, 7680) }]}
            >
              <InputNumber className="wide" />
            </Form.Item>
            <Form.Item
              name={['screen', 'heightPx']}
              label={t.height}
              rules={[{ required: true, type: 'integer', min: 8, max: 4320, message: words.form.between(8, 4320) }]}
            >
              <InputNumber className="wide" />
            </Form.Item>
          </div>
          <ReferenceField
            name={['screen', 'window']}
            label={t.window}
            optional
            options={content.windows.map((window) => ({ value: window.id, label: words.overview.windowNumber(window.number) }))}
          />
          <TextField name={['screen', 'area']} label={t.area} max={16} optional />
        </fieldset>
      )}
      <fieldset className="group">
        <legend>{t.inventory.title}</legend>
        {inventoryFields.map(({ name, max }) => (
          <TextField key={name} name={['inventory', name]} label={t.inventory[name]} max={max} optional />
        ))}
      </fieldset>
    </>
  );
}
