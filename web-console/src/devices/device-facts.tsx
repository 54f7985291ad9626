import type { DeviceView } from '@hall/contracts';
import { Descriptions } from 'antd';
import { codeText } from '../api/failure.ts';
import { useLanguage, useWords } from '../i18n/language.tsx';
import { useAgents, useOverview } from '../live/hall-data.ts';
import { fieldsOf, valueText } from '../schema-form/fields.ts';
import { ageText } from '../time/age.ts';
import { timeText, zoneOf } from '../time/hall-clock.ts';
import { useWallNow } from '../time/ticking.ts';
import { Overrides } from './commands/command-panel.tsx';
import { differenceText, waitsForPage } from './difference.ts';

/** The settings of a device under the names its driver gives them. */
export function DeviceSettings({ device }: { device: DeviceView }) {
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

/** One device: desired beside reported, its link, and what its screen was told. */
export function DeviceFacts({ device }: { device: DeviceView }) {
  const { language, words } = useLanguage();
  const t = words.devices;
  const wall = useWallNow();
  const { data: overview } = useOverview();
  const zone = zoneOf(overview);
  const reported = device.reported ?? undefined;
  const screen = reported?.screen;
  const since = (ms: number) => `${timeText(ms, zone, 'full')} · ${ageText(wall - ms, words.age)}`;
  const notOpen = waitsForPage(device);
  const error = notOpen ? undefined : reported?.error;
  const facts = [
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
          <>
            <span className="cause">{differenceText(device.difference, words)}</span>
            {device.differenceSince !== null && (
              <div className="quiet">{t.since(ageText(wall - device.differenceSince, words.age))}</div>
            )}
            {device.difference.includes('version') && (
              <div className="quiet">{t.versions(device.desired.ver, device.applied?.ver ?? null)}</div>
            )}
            {reported?.refused && (
              <div className="quiet">{t.fellBack(reported.refused.version.ver, codeText(reported.refused.code, language))}</div>
            )}
          </>
        ),
    },
    ...(reported?.overrides
      ? [{ key: 'overrides', label: words.commands.overrides, children: <Overrides overrides={reported.overrides} /> }]
      : []),
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
  return <Descriptions column={1} size="small" bordered items={facts} />;
}

/** What the agent counts of a device. */
export function DeviceCounters({ device }: { device: DeviceView }) {
  const words = useWords();
  const counters = Object.entries(device.reported?.counters ?? {});
  return (
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
  );
}
