import type { DeviceHistory as History, StateChange } from '@hall/contracts';
import { useQuery } from '@tanstack/react-query';
import { Select, Table } from 'antd';
import { useState } from 'react';
import { codeText } from '../api/failure.ts';
import { useLanguage } from '../i18n/language.tsx';
import type { Dictionary } from '../i18n/zh.ts';
import { useHallApi, useHallClock, useOverview } from '../live/hall-data.ts';
import { Failure } from '../shell/failure.tsx';
import { hallNow, timeText, zoneOf } from '../time/hall-clock.ts';
import { graphOf, numberText } from './graph.ts';
import { Loading } from '../shell/loading.tsx';

const HOUR_MS = 3_600_000;
const spans = { day: 24 * HOUR_MS, week: 7 * 24 * HOUR_MS, month: 30 * 24 * HOUR_MS, year: 365 * 24 * HOUR_MS } as const;
type Span = keyof typeof spans;
const BOX = { width: 400, height: 100 };
const REREAD_MS = 15_000;

function Graph({ history, name }: { history: History; name: string }) {
  const { words } = useLanguage();
  const t = words.history;
  const { data: overview } = useOverview();
  const zone = zoneOf(overview);
  const graph = graphOf(history.points, history.from, history.to, BOX);
  if (!graph) return <p className="quiet">{t.noPoints}</p>;
  return (
    <figure className="graph">
      <svg viewBox={`-2 -4 ${BOX.width + 4} ${BOX.height + 8}`} role="img" aria-label={t.chart(name)} preserveAspectRatio="none">
        {graph.band && <path className="graph-band" d={graph.band} />}
        <path className="graph-line" d={graph.line} vectorEffect="non-scaling-stroke" />
      </svg>
      <figcaption className="quiet">
        {`${timeText(history.from, zone, 'full')} – ${timeText(history.to, zone, 'full')} · ${t.min} ${numberText(graph.least)} · ${t.max} ${numberText(graph.most)}`}
      </figcaption>
      <details>
        <summary>{t.showTable}</summary>
        <Table
          rowKey={({ at, stepMs }) => `${at} ${stepMs}`}
          size="small"
          dataSource={history.points.toReversed()}
          pagination={{ defaultPageSize: 20, hideOnSinglePage: true, showSizeChanger: false }}
          columns={[
            { title: t.at, key: 'at', render: (_, { at }) => timeText(at, zone, 'full') },
            { title: t.min, key: 'min', align: 'right', render: (_, { min }) => numberText(min) },
            { title: t.mean, key: 'mean', align: 'right', render: (_, { mean }) => numberText(mean) },
            { title: t.max, key: 'max', align: 'right', render: (_, { max }) => numberText(max) },
          ]}
        />
      </details>
    </figure>
  );
}

/** A stored word in the language of the reader. */
function valueText({ kind, value }: StateChange, words: Dictionary, language: 'zh' | 'en'): string {
  if (value === '') return words.history.none;
  if (kind === 'error') return codeText(value, language);
  // The generation of the store says nothing to a reader.
  if (kind === 'applied') return value.slice(value.indexOf('/') + 1);
  const sets: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    condition: words.history.condition,
    presence: words.presence,
    link: words.link,
    freshness: words.freshness,
  };
  return sets[kind]?.[value] ?? value;
}

/** What a device measured and how its state changed, over a day up to a year. */
export function DeviceHistory({ device }: { device: string }) {
  const { language, words } = useLanguage();
  const t = words.history;
  const api = useHallApi();
  const clock = useHallClock();
  const { data: overview } = useOverview();
  const [span, setSpan] = useState<Span>('day');
  const [chosen, setChosen] = useState<string>();
  const read = (metric?: string) => {
    const from = clock && Math.round(hallNow(clock, performance.now()) - spans[span]);
    return api.deviceHistory(device, { ...(from !== undefined && { from: Math.max(0, from) }), metric });
  };
  const history = useQuery({
    queryKey: ['device-history', device, span, chosen],
    queryFn: async () => {
      const first = await read(chosen);
      const [metric] = first.metrics;
      return chosen === undefined && metric !== undefined ? read(metric) : first;
    },
    refetchInterval: REREAD_MS,
  });
  const held = history.data;
  const metric = chosen ?? held?.metrics[0];
  const nameOf = (key: string) => words.counter[key] ?? key;
  return (
    <section aria-label={t.title}>
      <h3>{t.title}</h3>
      <div className="filters">
        <Select<Span>
          aria-label={t.span}
          value={span}
          onChange={setSpan}
          options={(Object.keys(spans) as Span[]).map((value) => ({ value, label: t.spans[value] }))}
        />
        {held && held.metrics.length > 0 && (
          <Select
            aria-label={t.metric}
            className="filter-select"
            value={metric ?? null}
            onChange={(value) => setChosen(value ?? undefined)}
            options={held.metrics.map((value) => ({ value, label: nameOf(value) }))}
          />
        )}
      </div>
      {history.error && <Failure error={history.error} onRetry={() => void history.refetch()} />}
      {history.isPending && <Loading />}
      {held?.metrics.length === 0 && <p className="quiet">{t.noMetrics}</p>}
      {held && metric !== undefined && <Graph history={held} name={nameOf(metric)} />}
      {held?.cut && <p className="quiet">{t.cut}</p>}
      {held && (
        <Table<StateChange>
          rowKey={({ at, kind }) => `${at} ${kind}`}
          size="small"
          title={() => t.states}
          dataSource={held.states.toReversed()}
          pagination={{ defaultPageSize: 10, hideOnSinglePage: true, showSizeChanger: false }}
          columns={[
            {
              title: t.at,
              key: 'at',
              render: (_, { at }) => <time className="number">{timeText(at, zoneOf(overview), 'full')}</time>,
            },
            { title: t.kind, key: 'kind', render: (_, { kind }) => t.kinds[kind] },
            { title: t.value, key: 'value', render: (_, change) => valueText(change, words, language) },
          ]}
          locale={{ emptyText: t.noStates }}
        />
      )}
    </section>
  );
}
