import type { AlarmReport } from '@hall/contracts';
import { alarmTypes } from '@hall/model';
import { useQuery } from '@tanstack/react-query';
import { Button, Select } from 'antd';
import { useState, type ReactNode } from 'react';
import { named, useLanguage } from '../i18n/language.tsx';
import { useHallApi, useOverview } from '../live/hall-data.ts';
import { Failure } from '../shell/failure.tsx';
import { saveFile } from '../shell/save-file.ts';
import { useFailureMessage } from '../shell/use-failure-message.ts';
import { spanText } from '../time/age.ts';
import { timeText, zoneOf } from '../time/hall-clock.ts';
import { Loading } from '../shell/loading.tsx';

const SPANS = [7, 30, 90, 366];

/** Numbers as bars beside each other: read as a table, seen as a graph. */
function Bars({ caption, head, rows }: { caption: string; head: string; rows: readonly (readonly [name: string, n: number])[] }) {
  const t = useLanguage().words.alarms;
  const most = Math.max(1, ...rows.map(([, n]) => n));
  return (
    <table className="bars">
      <caption>{caption}</caption>
      <thead className="sr">
        <tr>
          <th scope="col">{head}</th>
          <th scope="col">{t.raises}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([name, n]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>
              <span className="bar" style={{ inlineSize: `${(n / most) * 70}%` }} aria-hidden />
              {n}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Part({ title, empty, children }: { title: string; empty: string | undefined; children: ReactNode }) {
  return (
    <section>
      <h2>{title}</h2>
      {empty === undefined ? <ol className="plain-list">{children}</ol> : <p className="quiet">{empty}</p>}
    </section>
  );
}

function Report({ report }: { report: AlarmReport }) {
  const { language, words } = useLanguage();
  const t = words.alarms;
  const { data: overview } = useOverview();
  const zone = zoneOf(overview);
  const title = ({ type, object }: AlarmReport['topTen'][number] | AlarmReport['standing'][number]) =>
    `${named(alarmTypes[type].title, language)} · ${object.kind === 'hall' || object.kind === 'platform' ? t.kind[object.kind] : object.id}`;
  const span = (ms: number | null) => (ms === null ? '—' : spanText(ms / 1000, words.age));
  const figures = [
    [t.alarms, report.alarms],
    [t.raises, report.raises],
    [t.neverAcknowledged, report.neverAcknowledged === null ? '—' : `${Math.round(report.neverAcknowledged * 100)} %`],
    [t.medianAcknowledge, span(report.medianAcknowledgeMs)],
    [t.medianClear, span(report.medianClearMs)],
    [t.priorities, report.priorities.map(({ priority, alarms }) => `${t.priority[priority] ?? priority} ${alarms}`).join(' · ')],
  ] as const;
  return (
    <>
      <dl className="summary">
        {figures.map(([name, value]) => (
          <div className="figure" key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <div className="quality">
        <Part title={t.topTen} empty={report.topTen.length === 0 ? t.noTopTen : undefined}>
          {report.topTen.map((row) => (
            <li key={`${row.type}/${row.object.kind}/${row.object.id}`}>{`${title(row)} · ${t.times(row.raises)}`}</li>
          ))}
        </Part>
        <Part title={t.floods} empty={report.floods.length === 0 ? t.noFloods : undefined}>
          {report.floods.map(({ from, until, raises }) => (
            <li key={from}>{`${timeText(from, zone, 'full')} – ${timeText(until, zone, 'clock')} · ${t.times(raises)}`}</li>
          ))}
        </Part>
        <Part title={t.standing} empty={report.standing.length === 0 ? t.noStanding : undefined}>
          {report.standing.map((row) => (
            <li
              key={`${row.type}/${row.object.id}/${row.raisedAt}`}
            >{`${title(row)} · ${timeText(row.raisedAt, zone, 'full')}`}</li>
          ))}
        </Part>
        <Bars caption={t.byDay} head={t.day} rows={report.days.map(({ day, raises }) => [day, raises])} />
        <Bars
          caption={t.byHour}
          head={t.hour}
          rows={report.hours.map((raises, hour) => [`${String(hour).padStart(2, '0')}:00`, raises])}
        />
      </div>
    </>
  );
}

/** Whether the alarms are good ones: not too many, answered, not always the same. */
export function Quality() {
  const { words } = useLanguage();
  const t = words.alarms;
  const api = useHallApi();
  const tell = useFailureMessage();
  const [days, setDays] = useState(30);
  const report = useQuery({ queryKey: ['alarm-report', days], queryFn: () => api.alarmReport(days) });
  return (
    <>
      <div className="filters">
        <Select
          aria-label={t.span}
          value={days}
          onChange={setDays}
          options={SPANS.map((each) => ({ value: each, label: t.days(each) }))}
        />
        <Button
          onClick={() =>
            void api.exportAlarmReport(days).then((text) => saveFile(`alarms-${days}-days.csv`, text, 'text/csv'), tell)
          }
        >
          {t.download}
        </Button>
      </div>
      {report.error && <Failure error={report.error} onRetry={() => void report.refetch()} />}
      {report.data ? <Report report={report.data} /> : report.isPending && <Loading />}
    </>
  );
}
