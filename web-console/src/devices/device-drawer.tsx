import type { DeviceView } from '@hall/contracts';
import { Descriptions, Drawer } from 'antd';
import { codeText } from '../api/failure.ts';
import { useLanguage } from '../i18n/language.tsx';
import { DeviceHistory } from '../history/device-history.tsx';
import { OpenOrderButton } from '../work-orders/open-order-button.tsx';
import { useAgents, useOverview } from '../live/hall-data.ts';
import { fieldsOf, valueText } from '../schema-form/fields.ts';
import { ageText } from '../time/age.ts';
import { timeText, zoneOf } from '../time/hall-clock.ts';
import { useWallNow } from '../time/ticking.ts';
import { differenceText, waitsForPage } from './difference.ts';

function Settings({ device }: { device: DeviceView }) {
  const { words } = useLanguage();
  const agents = useAgents();
  const driver = agents.data?.find(({ id }) => id === device.agent)?.drivers.find(({ id }) => id === device.driver);
  const titles = new Map(fieldsOf(driver?.settings).map((field) => [field.key, field.title]));
  const entries = Object.entries(device.settings);
  if (entries.length === 0) return <p className="quiet">{words.devices.noSettings}</p>;
  return (
    <Descriptions
      column={1}
      size="small"
      bordered
      items={entries.map(([key, value]) => ({ key, label: titles.get(key) ?? key, children: valueText(value) }))}
    />
  );
}

/** One device: desired beside reported, its link, what its screen was told, its settings and counters. */
export function DeviceDrawer({ device, onClose }: { device: DeviceView | undefined; onClose: () => void }) {
  const { language, words } = useLanguage();
  const t = words.devices;
  const wall = useWallNow();
  const { data: overview } = useOverview();
  const zone = zoneOf(overview);
  const reported = device?.reported ?? undefined;
  const screen = reported?.screen;
  const since = (ms: number) => `${timeText(ms, zone, 'full')} · ${ageText(wall - ms, words.age)}`;
  const notOpen = device !== undefined && waitsForPage(device);
  const error = notOpen ? undefined : reported?.error;
  const facts = device && [
    { key: 'id', label: t.id, children: device.id },
    {
      key: 'agent',
      label: t.agent,
      children: `${device.agent} · ${(words.presence as Record<string, string>)[device.agentPresence] ?? ''}`,
    },
    { key: 'driver', label: t.driver, children: device.driver },
    {
      key: 'link',
      label: t.link,
      children: (
        <>
          {reported ? `${notOpen ? t.notOpen : words.link[reported.link]} · ${since(reported.since)}` : t.neverReported}
          {notOpen && <div className="quiet">{t.notOpenHelp}</div>}
        </>
      ),
    },
    ...(error ? [{ key: 'error', label: t.error, children: codeText(error, language) }] : []),
    { key: 'desired', label: t.desired, children: device.desired.ver },
    { key: 'applied', label: t.applied, children: device.applied?.ver ?? '—' },
    {
      key: 'difference',
      label: t.difference,
      children:
        device.difference.length === 0 || notOpen ? (
          t.same
        ) : (
          <span className="cause">{differenceText(device.difference, words)}</span>
        ),
    },
    { key: 'reported', label: t.reported, children: device.reportedAt === null ? t.neverReported : since(device.reportedAt) },
    ...(screen
      ? [
          {
            key: 'screen',
            label: t.screen,
            children: (
              <>
                {screen.text.join(' · ')}
                <div className="quiet">
                  {`${words.level[screen.level]} · ${words.freshness[screen.freshness]} · ${ageText(wall - screen.decidedAt, words.age)}`}
                </div>
              </>
            ),
          },
        ]
      : []),
  ];
  const counters = Object.entries(reported?.counters ?? {});
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
          <Descriptions column={1} size="small" bordered items={facts ?? []} />
          <OpenOrderButton device={device.id} title={device.name} />
          <section>
            <h3>{t.settings}</h3>
            <Settings device={device} />
          </section>
          <DeviceHistory key={device.id} device={device.id} />
          {counters.length > 0 && (
            <section>
              <h3>{t.counters}</h3>
              <Descriptions
                column={1}
                size="small"
                bordered
                items={counters.map(([key, value]) => ({
                  key,
                  label: words.counter[key] ?? key,
                  children: value.toLocaleString('en'),
                }))}
              />
            </section>
          )}
        </div>
      )}
    </Drawer>
  );
}
