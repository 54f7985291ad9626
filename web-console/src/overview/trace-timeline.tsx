import type { EventRow } from '@hall/contracts';
import { useQuery } from '@tanstack/react-query';
import { ApiError } from '../api/client.ts';
import { useWords } from '../i18n/language.tsx';
import { useHallApi } from '../live/hall-data.ts';
import { useHallNames } from '../live/hall-names.ts';
import { Failure } from '../shell/failure.tsx';
import { millisText } from '../time/age.ts';
import { useWallNow } from '../time/ticking.ts';
import { afterText, traceSteps, traceTotalMs } from './trace-steps.ts';
import { Loading } from '../shell/loading.tsx';

/** A trace is read again while its event is younger than this, ms: screens that cannot answer are told of last. */
const GROWS_MS = 15_000;
const REREAD_MS = 1000;

/** The way of one event from the platform to the device's answer, with milliseconds. */
export function TraceTimeline({ event }: { event: EventRow }) {
  const words = useWords();
  const api = useHallApi();
  const { device } = useHallNames();
  const isGrowing = useWallNow() - event.receivedAt < GROWS_MS;
  const trace = useQuery({
    queryKey: ['trace', event.id],
    queryFn: () => api.trace(event),
    staleTime: REREAD_MS,
    refetchInterval: isGrowing ? REREAD_MS : false,
  });
  if (trace.isPending) return <Loading />;
  if (trace.error) {
    const gone = trace.error instanceof ApiError && trace.error.status === 404;
    return gone ? <p className="quiet trace">{words.trace.none}</p> : <Failure error={trace.error} />;
  }
  const total = traceTotalMs(trace.data);
  return (
    <div className="trace">
      <ol aria-label={words.trace.title}>
        {traceSteps(trace.data, words, device).map((step) => (
          <li key={step.text} className={step.done ? 'done' : 'waiting'}>
            <span>{step.text}</span>
            <span className="number">{afterText(step, words)}</span>
          </li>
        ))}
      </ol>
      {total !== undefined && <p>{words.trace.total(millisText(total))}</p>}
    </div>
  );
}
