import type { EventRow, WindowView } from '@hall/contracts';
import { WindowAlarms } from '../alarms/alarm-lines.tsx';
import { useQuery } from '@tanstack/react-query';
import { Alert, Button, Descriptions, Drawer } from 'antd';
import { useState } from 'react';
import { named, useLanguage } from '../i18n/language.tsx';
import { mergeEvents } from '../live/merge.ts';
import { useHallApi, useRecentEvents } from '../live/hall-data.ts';
import { useMay } from '../shell/me.ts';
import { ageText, millisText } from '../time/age.ts';
import { timeText } from '../time/hall-clock.ts';
import { useWallNow } from '../time/ticking.ts';
import { attentionOf, causesOf } from './attention.ts';
import { StateMark } from './state-mark.tsx';
import { StripPicture } from './strip-picture.tsx';
import { TraceTimeline } from './trace-timeline.tsx';
import { causeText } from './window-tile.tsx';

interface PartProps {
  readonly window: WindowView;
  readonly hallMs: number;
  readonly zone: string;
}

function WindowFacts({ window, hallMs, zone }: PartProps) {
  const { language, words } = useLanguage();
  const t = words.drawer;
  const clock = (ms: number | null) =>
    ms === null ? '—' : `${timeText(ms, zone, 'clock')} · ${ageText(hallMs - ms, words.age)}`;
  const reason = window.reason === null ? '—' : ((words.reason as Record<string, string>)[window.reason] ?? window.reason);
  const call = window.callNumber === null ? '' : ` · ${words.overview.call(window.callNumber)}`;
  const items = [
    { key: 'department', label: t.department, children: named(window.department, language) },
    {
      key: 'services',
      label: t.services,
      children: window.services.map((service) => named(service, language)).join(' · ') || '—',
    },
    { key: 'staff', label: t.staff, children: window.staff ?? '—' },
    { key: 'ticket', label: t.ticket, children: `${window.ticket ?? '—'}${call}` },
    { key: 'called', label: t.calledAt, children: clock(window.calledAt) },
    ...(window.state === 'paused'
      ? [
          { key: 'reason', label: t.reason, children: reason },
          {
            key: 'back',
            label: t.back,
            children: window.expectedReturnAt === null ? '—' : timeText(window.expectedReturnAt, zone, 'minute'),
          },
        ]
      : []),
    { key: 'changed', label: t.changed, children: clock(window.changedAt) },
  ];
  return <Descriptions column={1} size="small" bordered items={items} />;
}

function StripFacts({ window, strip, zone }: { window: WindowView; strip: WindowView['strips'][number]; zone: string }) {
  const { words } = useLanguage();
  const t = words.drawer;
  const wall = useWallNow();
  const confirmed = strip.confirmedAt === null ? '' : ` · ${ageText(wall - strip.confirmedAt, words.age)}`;
  const items = [
    { key: 'link', label: t.link, children: (words.link as Record<string, string>)[strip.link] ?? strip.link },
    { key: 'fresh', label: t.fresh, children: (words.freshness as Record<string, string>)[strip.freshness ?? ''] ?? '—' },
    { key: 'current', label: t.current, children: strip.current ? t.isCurrent : words.overview.notCurrent },
    {
      key: 'level',
      label: t.level,
      children: (
        <>
          {words.level[strip.level]}
          {confirmed}
          <div className="quiet">{words.levelHelp[strip.level]}</div>
        </>
      ),
    },
    {
      key: 'latency',
      label: t.latency,
      children: strip.latencyMs === null ? '—' : words.overview.latency(millisText(strip.latencyMs)),
    },
  ];
  return (
    <section>
      <h3>
        {t.strip} <span className="quiet device-id">{strip.device}</span>
      </h3>
      <div className="drawer-strip">
        <StripPicture window={window} strip={strip} zone={zone} />
      </div>
      <p className="quiet">{strip.text.length > 0 ? t.toldText(strip.text.join(' · ')) : t.noPicture}</p>
      <Descriptions column={1} size="small" bordered items={items} />
    </section>
  );
}

const belongs = (event: EventRow, window: string): boolean => event.data['window'] === window;

function WindowEvents({ window, zone }: { window: WindowView; zone: string }) {
  const { words } = useLanguage();
  const t = words.drawer;
  const api = useHallApi();
  const may = useMay('event.view');
  const [traced, setTraced] = useState<string>();
  const stored = useQuery({
    queryKey: ['events', 'window', window.id],
    queryFn: () => api.events({ window: window.id, limit: 10 }),
    enabled: may,
  });
  const arrived = useRecentEvents((held) => held.events);
  if (!may) return null;
  const events = mergeEvents(
    stored.data ?? [],
    arrived.filter((event) => belongs(event, window.id)),
    10,
  );
  return (
    <section>
      <h3>{t.history}</h3>
      {events.length === 0 && <p className="quiet">{t.noEvents}</p>}
      <ol className="history">
        {events.map((event) => (
          <li key={event.seq}>
            <time>{timeText(event.time, zone, 'clock')}</time>
            <span>
              {words.eventType[event.type] ?? event.type} {typeof event.data['ticket'] === 'string' ? event.data['ticket'] : ''}
              {event.flag && <span className="cause"> △ {words.flag[event.flag] ?? event.flag}</span>}
            </span>
            <Button
              size="small"
              type="link"
              aria-expanded={traced === event.id}
              aria-label={`${t.showTrace} ${words.eventType[event.type] ?? event.type} ${timeText(event.time, zone, 'clock')}`}
              onClick={() => setTraced(traced === event.id ? undefined : event.id)}
            >
              {t.showTrace}
            </Button>
            {traced === event.id && <TraceTimeline event={event} />}
          </li>
        ))}
      </ol>
    </section>
  );
}

/** Everything about one window: its facts, what its strips were told and how sure that is, its newest events. */
export function WindowDrawer({
  window,
  hallMs,
  zone,
  onClose,
}: {
  window: WindowView | undefined;
  hallMs: number;
  zone: string;
  onClose: () => void;
}) {
  const { words } = useLanguage();
  const causes = window ? causesOf(window, hallMs) : [];
  return (
    <Drawer
      open={window !== undefined}
      onClose={onClose}
      size={460}
      rootClassName="window-drawer"
      title={
        window && (
          <span className="drawer-title">
            {words.overview.windowNumber(window.number)} <StateMark state={window.state} />
          </span>
        )
      }
      closable={{ 'aria-label': words.common.close }}
    >
      {window && (
        <div className="drawer-body">
          {causes.length > 0 && (
            <Alert
              type={attentionOf(causes) === 'alarm' ? 'error' : 'warning'}
              showIcon
              title={causes.map((cause) => causeText(cause, window, zone, words)).join(words.overview.listSeparator)}
            />
          )}
          <WindowAlarms number={window.number} />
          {window.strips.map((strip) => (
            <StripFacts key={strip.device} window={window} strip={strip} zone={zone} />
          ))}
          <WindowFacts window={window} hallMs={hallMs} zone={zone} />
          <WindowEvents window={window} zone={zone} />
        </div>
      )}
    </Drawer>
  );
}
