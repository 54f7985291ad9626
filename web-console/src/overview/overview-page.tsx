import { windowStates, type WindowState } from '@hall/contracts';
import { Empty } from 'antd';
import { useCallback, useState } from 'react';
import { useSearchParams } from 'wouter';
import { useWords } from '../i18n/language.tsx';
import { useDevices, useOverview } from '../live/hall-data.ts';
import { Failure } from '../shell/failure.tsx';
import { useMay } from '../shell/me.ts';
import { useHallNow } from '../time/ticking.ts';
import { AlarmLines } from '../alarms/alarm-lines.tsx';
import { FilterBar } from './filter-bar.tsx';
import { passes, type WindowFilter } from './filter.ts';
import { HallSummary } from './hall-summary.tsx';
import { QueueList } from './queue-list.tsx';
import { WindowDrawer } from './window-drawer.tsx';
import { WindowTile } from './window-tile.tsx';
import { Loading } from '../shell/loading.tsx';

const isState = (word: string): word is WindowState => (windowStates as readonly string[]).includes(word);

/** The filter lives in the address, so that a view can be kept and sent. */
function useFilter(): [WindowFilter, (filter: WindowFilter) => void, string | null, (id: string | null) => void] {
  const [params, setParams] = useSearchParams();
  const state = params.get('state') ?? '';
  const filter: WindowFilter = {
    area: params.get('area') ?? '',
    state: isState(state) ? state : '',
    abnormal: params.get('abnormal') === '1',
    search: params.get('q') ?? '',
  };
  const write = useCallback(
    (changes: Readonly<Record<string, string>>) =>
      setParams(
        (held) => {
          const next = new URLSearchParams(held);
          for (const [key, value] of Object.entries(changes)) {
            if (value) next.set(key, value);
            else next.delete(key);
          }
          return next;
        },
        { replace: true },
      ),
    [setParams],
  );
  const setFilter = ({ area, state: wanted, abnormal, search }: WindowFilter) =>
    write({ area, state: wanted, abnormal: abnormal ? '1' : '', q: search });
  const open = useCallback((id: string | null) => write({ window: id ?? '' }), [write]);
  return [filter, setFilter, params.get('window'), open];
}

/** All windows of the hall, what waits, and whether screens and feed are as they should be. */
export function OverviewPage() {
  const words = useWords();
  const overview = useOverview();
  const { data: devices } = useDevices(useMay('device.view'));
  const hallMs = useHallNow();
  const [filter, setFilter, opened, open] = useFilter();
  const [compact, setCompact] = useState(false);
  const { data } = overview;
  if (!data || hallMs === undefined) {
    return overview.error ? <Failure error={overview.error} onRetry={() => void overview.refetch()} /> : <Loading page />;
  }
  const seconds = Math.floor(hallMs / 1000) * 1000;
  const shown = data.windows.filter((window) => passes(window, filter, seconds));
  return (
    <>
      <h1 className="sr">{words.overview.title}</h1>
      <HallSummary overview={data} devices={devices} hallMs={seconds} />
      <AlarmLines />
      <div className="overview">
        <section aria-labelledby="windows-title">
          <h2 id="windows-title" className="sr">
            {words.overview.windows}
          </h2>
          <FilterBar
            windows={data.windows}
            filter={filter}
            onFilter={setFilter}
            compact={compact}
            onCompact={setCompact}
            shown={shown.length}
          />
          {shown.length === 0 ? (
            <Empty description={filter.abnormal ? words.overview.allNormal : words.overview.nothing} />
          ) : (
            <ul className={compact ? 'tiles compact' : 'tiles'}>
              {shown.map((window) => (
                <WindowTile
                  key={window.id}
                  window={window}
                  hallMs={seconds}
                  zone={data.hall.zone}
                  compact={compact}
                  onOpen={open}
                />
              ))}
            </ul>
          )}
        </section>
        <QueueList queues={data.queues} />
      </div>
      <WindowDrawer
        window={data.windows.find((window) => window.id === opened)}
        hallMs={seconds}
        zone={data.hall.zone}
        onClose={() => open(null)}
      />
    </>
  );
}
