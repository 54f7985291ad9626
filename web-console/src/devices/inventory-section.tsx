import type { DeviceView } from '@hall/contracts';
import { Descriptions } from 'antd';
import { useWords } from '../i18n/language.tsx';
import { useOverview } from '../live/hall-data.ts';
import { Mark } from '../shell/mark.tsx';
import { timeText, zoneOf } from '../time/hall-clock.ts';
import { useHallNow } from '../time/ticking.ts';
import { warrantyOf } from './warranty.ts';

const fields = ['place', 'switch', 'maker', 'model', 'serial', 'firmware', 'responsible'] as const;

function WarrantyMark({ until }: { until: string | undefined }) {
  const t = useWords().devicePage.warranty;
  const { data: overview } = useOverview();
  const now = useHallNow();
  if (now === undefined) return until ?? t.none;
  const warranty = warrantyOf(until, timeText(now, zoneOf(overview), 'full').slice(0, 10));
  if (warranty.is === 'none') return t.none;
  if (warranty.is === 'over') return <Mark good={false}>{t.over(warranty.until)}</Mark>;
  const text = t[warranty.is](warranty.until, warranty.days);
  return warranty.is === 'ending' ? <Mark good={false}>{text}</Mark> : text;
}

/** What is known of the device as a thing; a warranty that ends soon or is over is pointed out. */
export function InventorySection({ device }: { device: DeviceView }) {
  const words = useWords();
  const titles = words.hall.inventory;
  const { inventory } = device;
  if (!inventory) return <p className="quiet">{words.devicePage.noInventory}</p>;
  const items = fields.flatMap((key) => {
    const value = inventory[key];
    return value === undefined ? [] : [{ key, label: titles[key], children: value }];
  });
  const warranty = {
    key: 'warrantyUntil',
    label: titles.warrantyUntil.replace(/[（(].*$/, ''),
    children: <WarrantyMark until={inventory.warrantyUntil} />,
  };
  return <Descriptions column={1} size="small" bordered items={[...items, warranty]} />;
}
