import type { AlarmDetail, AlarmView } from '@hall/contracts';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Descriptions, Drawer } from 'antd';
import { useEffect } from 'react';
import { codeText } from '../api/failure.ts';
import { useLanguage } from '../i18n/language.tsx';
import { useAlarms, useHallApi, useOverview } from '../live/hall-data.ts';
import { Failure } from '../shell/failure.tsx';
import { useMay } from '../shell/me.ts';
import { ageText } from '../time/age.ts';
import { timeText, zoneOf } from '../time/hall-clock.ts';
import { useWallNow } from '../time/ticking.ts';
import { AlarmActs } from './alarm-acts.tsx';
import { AlarmState } from './alarm-state.tsx';
import { useAlarmText } from './alarm-words.ts';
import { PriorityMark } from './priority-mark.tsx';
import { Loading } from '../shell/loading.tsx';

function Facts({ alarm, zone }: { alarm: AlarmView; zone: string }) {
  const { language, words } = useLanguage();
  const t = words.alarms;
  const textOf = useAlarmText();
  const wall = useWallNow();
  const { object, kind } = textOf(alarm);
  const since = (ms: number) => `${timeText(ms, zone, 'full')} · ${ageText(wall - ms, words.age)}`;
  const seenAs = (name: string, value: string | number | boolean) =>
    name === 'error' ? codeText(String(value), language) : String(value);
  const items = [
    { key: 'object', label: kind, children: object === kind ? alarm.object.id : object },
    ...(alarm.place === undefined ? [] : [{ key: 'place', label: t.place, children: alarm.place }]),
    ...(alarm.responsible === undefined ? [] : [{ key: 'responsible', label: t.responsible, children: alarm.responsible }]),
    ...(alarm.windows.length === 0
      ? []
      : [{ key: 'windows', label: t.column.windows, children: alarm.windows.join(words.overview.listSeparator) }]),
    { key: 'since', label: t.since, children: since(alarm.sinceMs) },
    { key: 'raised', label: t.raisedAt, children: since(alarm.raisedAt) },
    { key: 'state', label: t.column.state, children: <AlarmState alarm={alarm} zone={zone} /> },
    ...Object.entries(alarm.evidence).map(([name, value]) => ({
      key: `evidence-${name}`,
      label: t.evidenceName[name] ?? name,
      children: seenAs(name, value),
    })),
  ];
  return <Descriptions column={1} size="small" bordered items={items} />;
}

function Inside({ detail, onOpen }: { detail: AlarmDetail; onOpen: (id: string) => void }) {
  const { words } = useLanguage();
  const t = words.alarms;
  const textOf = useAlarmText();
  return (
    <>
      {detail.folded.length > 0 && (
        <section>
          <h3>{t.folded}</h3>
          <ul className="plain-list">
            {detail.folded.map((alarm) => (
              <li key={alarm.id}>
                <Button type="link" className="cell-link" onClick={() => onOpen(alarm.id)}>
                  {`${textOf(alarm).title} · ${textOf(alarm).object}`}
                </Button>
              </li>
            ))}
          </ul>
        </section>
      )}
      {detail.dependants.length > 0 && (
        <section>
          <h3>{`${t.hanging} (${detail.dependants.length})`}</h3>
          <ul className="plain-list columns">
            {detail.dependants.map(({ kind, id, name }) => (
              <li key={`${kind}/${id}`}>{name}</li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

function Life({ detail, zone }: { detail: AlarmDetail; zone: string }) {
  const { words } = useLanguage();
  const t = words.alarms;
  return (
    <section>
      <h3>{t.life}</h3>
      <ol className="alarm-life">
        {detail.events.map(({ seq, at, what, person, text }) => (
          <li key={seq}>
            <time className="number">{timeText(at, zone, 'full')}</time>
            <span>
              {`${t.what[what]} · ${person === 'system' ? t.system : person}`}
              {text !== '' && <span className="alarm-said">{text}</span>}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** One alarm: what visitors see, what to do first, what hangs on it, what was done, and what can be done. */
export function AlarmDrawer({ id, onOpen, onClose }: { id: string | null; onOpen: (id: string) => void; onClose: () => void }) {
  const { words } = useLanguage();
  const t = words.alarms;
  const api = useHallApi();
  const textOf = useAlarmText();
  const mayAct = useMay('alarm.act');
  const { data: overview } = useOverview();
  const zone = zoneOf(overview);
  const live = useAlarms().data?.find((alarm) => alarm.id === id);
  const detail = useQuery({ queryKey: ['alarm', id], queryFn: () => api.alarm(id ?? ''), enabled: id !== null, staleTime: 0 });
  const client = useQueryClient();
  // Told to be another: what lies inside it and what happened to it may be others too.
  useEffect(() => void client.invalidateQueries({ queryKey: ['alarm', id] }), [client, id, live]);
  const alarm = live ?? detail.data?.alarm;
  const text = alarm && textOf(alarm);
  return (
    <Drawer
      open={id !== null}
      onClose={onClose}
      size={520}
      title={
        alarm &&
        text && (
          <span className="drawer-title">
            {`${text.title} · ${text.object}`} <PriorityMark priority={alarm.priority} active={alarm.active} />
          </span>
        )
      }
      closable={{ 'aria-label': words.common.close }}
    >
      {detail.error && <Failure error={detail.error} onRetry={() => void detail.refetch()} />}
      {id !== null && !alarm && detail.isPending && <Loading />}
      {alarm && text && (
        <div className="drawer-body">
          <dl className="alarm-texts">
            <dt>{t.seen}</dt>
            <dd>{text.seen}</dd>
            <dt>{t.firstStep}</dt>
            <dd>{text.firstStep}</dd>
          </dl>
          {alarm.root !== null && (
            <Alert
              type="info"
              showIcon
              title={t.root}
              action={
                <Button size="small" onClick={() => onOpen(alarm.root ?? '')}>
                  {t.openRoot}
                </Button>
              }
            />
          )}
          {mayAct && alarm.open && <AlarmActs key={alarm.id} alarm={alarm} onDone={() => void detail.refetch()} />}
          <Facts alarm={alarm} zone={zone} />
          {detail.data && <Inside detail={detail.data} onOpen={onOpen} />}
          {detail.data && <Life detail={detail.data} zone={zone} />}
        </div>
      )}
    </Drawer>
  );
}
