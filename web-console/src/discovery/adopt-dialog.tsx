import type { Adoption, AdoptRequest, Device, FoundView } from '@hall/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button, Collapse, Form, Input, InputNumber, Modal, Radio, Select } from 'antd';
import { useState } from 'react';
import { useContent, useReread } from '../hall/use-content.ts';
import { useWords } from '../i18n/language.tsx';
import { useAgents, useHallApi } from '../live/hall-data.ts';
import { fieldsOf, valueText } from '../schema-form/fields.ts';
import { Failure } from '../shell/failure.tsx';
import { discoveryKey } from './use-discovery.ts';

/** A device as rows of words. */
function linesOf(device: Device | null): ReadonlyMap<string, string> {
  if (!device) return new Map();
  const { id, name, agent, driver, settings, screen, inventory } = device;
  const size = screen && `${screen.widthPx}×${screen.heightPx} ${screen.template}`;
  const all: readonly (readonly [string, unknown])[] = [
    ['id', id],
    ['name', name],
    ['agent', agent],
    ['driver', driver],
    ['window', screen?.window],
    ['screen', size],
    ...Object.entries(settings),
    ...Object.entries(inventory ?? {}),
  ];
  return new Map(all.flatMap(([key, value]) => (value === undefined ? [] : [[key, valueText(value)] as const])));
}

/** What the adoption would write, beside what is there now. */
function Change({ device, before }: Pick<Adoption, 'device' | 'before'>) {
  const words = useWords();
  const t = words.discovery;
  const [old, next] = [linesOf(before), linesOf(device)];
  const agents = useAgents();
  const driver = agents.data?.find(({ id }) => id === device.agent)?.drivers.find(({ id }) => id === device.driver);
  const titles: Readonly<Record<string, string | undefined>> = {
    ...Object.fromEntries(fieldsOf(driver?.settings).map(({ key, title }) => [key, title])),
    ...words.hall.inventory,
    id: words.devices.id,
    name: words.devices.name,
    agent: words.devices.agent,
    driver: words.devices.driver,
    screen: words.devices.screen,
    window: words.hall.window,
  };
  return (
    <table className="change">
      <caption>{t.proposal}</caption>
      <thead>
        <tr>
          <td />
          {before && <th scope="col">{t.before}</th>}
          <th scope="col">{before ? t.after : t.nothingBefore}</th>
        </tr>
      </thead>
      <tbody>
        {[...new Set([...next.keys(), ...old.keys()])].map((key) => (
          <tr key={key} className={before && old.get(key) !== next.get(key) ? 'changed' : undefined}>
            <th scope="row">{titles[key] ?? key}</th>
            {before && <td>{old.get(key) ?? '—'}</td>}
            <td>{next.get(key) ?? '—'}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Pick the window, confirm. What will be written is shown before; what is assumed or in the way is said. */
export function AdoptDialog({ row, onClose }: { row: FoundView; onClose: (adopted?: Device) => void }) {
  const words = useWords();
  const t = words.discovery;
  const api = useHallApi();
  const client = useQueryClient();
  const reread = useReread();
  const content = useContent();
  const { message } = App.useApp();
  const [request, setRequest] = useState<AdoptRequest>({});
  const change = (more: { [K in keyof AdoptRequest]?: AdoptRequest[K] | undefined }) =>
    setRequest((held) =>
      Object.fromEntries(Object.entries({ ...held, ...more }).filter(([, value]) => value !== undefined && value !== '')),
    );
  const chosen = request.window !== undefined;
  const proposal = useQuery({
    queryKey: ['adoption', row.id, request],
    queryFn: () => api.adopt(row.id, { ...request, dryRun: true }),
    enabled: chosen,
    staleTime: 0,
    placeholderData: (before) => before,
  });
  const readAgain = () => Promise.all([client.invalidateQueries({ queryKey: discoveryKey }), reread()]);
  const adopt = useMutation({
    mutationFn: () => api.adopt(row.id, request),
    onSuccess: async ({ device }) => {
      await readAgain();
      void message.success(t.adopted(device.name));
      onClose(device);
    },
    onError: readAgain,
  });
  const strips = new Map(
    (content.data?.content.devices ?? []).flatMap(({ id, screen }) => (screen?.window ? [[screen.window, id]] : [])),
  );
  const windows = (content.data?.content.windows ?? []).map(({ id, number }) => ({
    value: id,
    label: strips.has(id) ? t.windowHasStrip(number) : words.overview.windowNumber(number),
  }));
  const there = request.window === undefined ? undefined : strips.get(request.window);
  const shown = chosen ? proposal.data : undefined;
  const way = request.replaces === undefined ? (request.beside === true ? 'beside' : undefined) : 'replace';
  return (
    <Modal
      open
      width={640}
      title={t.adoptTitle(row.found.place)}
      footer={null}
      onCancel={() => onClose()}
      mask={{ closable: false }}
    >
      {(adopt.error ?? proposal.error) && <Failure error={adopt.error ?? proposal.error} />}
      <Form layout="vertical" onFinish={() => adopt.mutate()}>
        <Form.Item label={t.pickWindow} htmlFor="adopt-window">
          <Select
            id="adopt-window"
            autoFocus
            showSearch={{ optionFilterProp: 'label' }}
            options={windows}
            loading={content.isPending}
            value={request.window ?? null}
            onChange={(window: string | null) => change({ window: window ?? undefined, replaces: undefined, beside: undefined })}
          />
        </Form.Item>
        {there !== undefined && (
          <Radio.Group
            className="choices"
            value={way}
            onChange={({ target }) =>
              change(target.value === 'replace' ? { replaces: there, beside: undefined } : { replaces: undefined, beside: true })
            }
          >
            <Radio value="replace">
              {t.replace} <span className="quiet">{t.replaceHelp}</span>
            </Radio>
            <Radio value="beside">
              {t.beside} <span className="quiet">{t.besideHelp}</span>
            </Radio>
          </Radio.Group>
        )}
        <Collapse
          ghost
          size="small"
          items={[
            {
              key: 'more',
              label: `${t.name} · ${t.size}`,
              children: (
                <>
                  <Form.Item label={t.name} extra={t.nameHelp} htmlFor="adopt-name">
                    <Input
                      id="adopt-name"
                      maxLength={40}
                      value={request.name ?? ''}
                      placeholder={shown?.device.name}
                      onChange={({ target }) => change({ name: target.value })}
                    />
                  </Form.Item>
                  <div className="pair">
                    {(['widthPx', 'heightPx'] as const).map((side) => (
                      <Form.Item key={side} label={side === 'widthPx' ? t.width : t.height} htmlFor={`adopt-${side}`}>
                        <InputNumber
                          id={`adopt-${side}`}
                          className="wide"
                          min={8}
                          max={7680}
                          precision={0}
                          value={request[side] ?? shown?.device.screen?.[side] ?? null}
                          onChange={(value) => change({ [side]: value ?? undefined })}
                        />
                      </Form.Item>
                    ))}
                  </div>
                </>
              ),
            },
          ]}
        />
        {shown?.conflicts.map(({ what, device }) => (
          <Alert key={what} type="error" showIcon role="alert" title={t.conflict[what](device ?? '')} />
        ))}
        {shown?.notes.map((note) => (
          <Alert key={note} type="info" showIcon title={t.note[note]} />
        ))}
        {shown && <Change device={shown.device} before={shown.before} />}
        {!chosen && <p className="help">{t.pickWindowFirst}</p>}
        <div className="form-actions">
          <Button onClick={() => onClose()}>{words.common.cancel}</Button>
          <Button
            type="primary"
            htmlType="submit"
            loading={adopt.isPending}
            disabled={!shown || shown.conflicts.length > 0 || proposal.isPlaceholderData}
          >
            {t.confirm}
          </Button>
        </div>
      </Form>
    </Modal>
  );
}
