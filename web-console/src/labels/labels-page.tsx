import './labels.css';
import type { DeviceView } from '@hall/contracts';
import { Button, Select } from 'antd';
import { useState } from 'react';
import { Link, useSearchParams } from 'wouter';
import { useWords } from '../i18n/language.tsx';
import { useDevices, useOverview } from '../live/hall-data.ts';
import { useHallNames } from '../live/hall-names.ts';
import { Failure } from '../shell/failure.tsx';
import { Qr } from './qr.tsx';
import { Loading } from '../shell/loading.tsx';

/** Where the label of a device leads. */
export const pageOf = (base: string, device: string): string => `${base}/devices/${device}`;

function Label({ device, base }: { device: DeviceView; base: string }) {
  const words = useWords();
  const names = useHallNames();
  const number = device.window === undefined ? undefined : names.window(device.window);
  const place = device.inventory?.place ?? (number === undefined ? '' : words.overview.windowNumber(number));
  return (
    <li className="label" data-testid={`label-${device.id}`}>
      <Qr text={pageOf(base, device.id)} label={words.labels.qr(device.name)} />
      <div>
        <strong>{device.name}</strong>
        <code>{device.id}</code>
        {place !== '' && <span>{place}</span>}
        {device.inventory?.model !== undefined && <span>{device.inventory.model}</span>}
      </div>
    </li>
  );
}

/** Labels of devices for printing: name, id, place, and the code that opens the page. */
export default function LabelsPage() {
  const words = useWords();
  const t = words.labels;
  const devices = useDevices();
  const { data: overview } = useOverview();
  const [asked] = useSearchParams();
  const named = asked.get('devices');
  const [chosen, setChosen] = useState<readonly string[]>(named === null ? [] : named.split(','));
  if (!devices.data || !overview) {
    if (devices.error) return <Failure error={devices.error} onRetry={() => void devices.refetch()} />;
    return <Loading page />;
  }
  const base = (overview.hall.consoleUrl ?? window.location.origin).replace(/\/$/, '');
  const shown = chosen.length === 0 ? devices.data : devices.data.filter(({ id }) => chosen.includes(id));
  return (
    <>
      <div className="page-head no-print">
        <h1>{t.title}</h1>
        <span className="row-actions">
          <Link href="/devices">{words.discovery.back}</Link>
          <Button type="primary" disabled={shown.length === 0} onClick={() => window.print()}>
            {t.print}
          </Button>
        </span>
      </div>
      <div className="no-print">
        <p className="help">{t.help}</p>
        <p className="help">{t.address(pageOf(base, '…'))}</p>
        <Select
          className="wide"
          mode="multiple"
          allowClear
          aria-label={t.choose}
          placeholder={t.all}
          value={[...chosen]}
          onChange={(ids: string[]) => setChosen(ids)}
          options={devices.data.map(({ id, name }) => ({ value: id, label: `${name} · ${id}` }))}
          showSearch={{ optionFilterProp: 'label' }}
        />
      </div>
      {shown.length === 0 ? (
        <p className="quiet">{t.none}</p>
      ) : (
        <ul className="label-sheet">
          {shown.map((device) => (
            <Label key={device.id} device={device} base={base} />
          ))}
        </ul>
      )}
    </>
  );
}
