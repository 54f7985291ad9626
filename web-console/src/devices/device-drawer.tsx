import type { DeviceView } from '@hall/contracts';
import { Drawer } from 'antd';
import { Link } from 'wouter';
import { useWords } from '../i18n/language.tsx';
import { useMay } from '../shell/me.ts';
import { CommandPanel } from './commands/command-panel.tsx';
import { DeviceCounters, DeviceFacts, DeviceSettings } from './device-facts.tsx';
import { DeviceHistory } from '../history/device-history.tsx';
import { OpenOrderButton } from '../work-orders/open-order-button.tsx';

/** One device at a glance, with the way to its page. */
export function DeviceDrawer({ device, onClose }: { device: DeviceView | undefined; onClose: () => void }) {
  const words = useWords();
  const t = words.devices;
  const mayCommand = useMay('device.command');
  return (
    <Drawer
      open={device !== undefined}
      onClose={onClose}
      size={480}
      title={device?.name}
      closable={{ 'aria-label': words.common.close }}
    >
      {device && (
        <div className="drawer-body">
          <Link href={`/devices/${device.id}`}>{words.devicePage.open}</Link>
          <DeviceFacts device={device} />
          {mayCommand && <CommandPanel device={device} />}
          <OpenOrderButton device={device.id} title={device.name} />
          <section>
            <h3>{t.settings}</h3>
            <DeviceSettings device={device} />
          </section>
          <DeviceHistory key={device.id} device={device.id} />
          {Object.keys(device.reported?.counters ?? {}).length > 0 && (
            <section>
              <h3>{t.counters}</h3>
              <DeviceCounters device={device} />
            </section>
          )}
        </div>
      )}
    </Drawer>
  );
}
