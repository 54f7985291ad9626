import type { WindowView } from '@hall/contracts';
import { memo } from 'react';
import { named, useLanguage } from '../i18n/language.tsx';
import type { Dictionary } from '../i18n/zh.ts';
import { ageText, millisText } from '../time/age.ts';
import { timeText } from '../time/hall-clock.ts';
import { attentionOf, causesOf, type Cause } from './attention.ts';
import { StateMark } from './state-mark.tsx';
import { StripPicture } from './strip-picture.tsx';

/** A cause in words, for a tile and for the drawer. */
export function causeText(cause: Cause, window: WindowView, zone: string, words: Dictionary): string {
  const t = words.overview;
  const back = window.expectedReturnAt === null ? '' : timeText(window.expectedReturnAt, zone, 'minute');
  const texts: Record<Cause, string> = {
    fault: t.fault,
    no_data: t.noData,
    back_late: t.backLate(back),
    strip_offline: t.stripOffline,
    strip_stale: t.stripStale,
    strip_safe: t.stripSafe,
    not_current: t.notCurrent,
    not_confirmed: t.notConfirmed,
  };
  return texts[cause];
}

/** Beside the ticket: why it pauses and until when, or how sure we are and how old the state is. */
function QuietLine({ window, hallMs, zone, words }: { window: WindowView; hallMs: number; zone: string; words: Dictionary }) {
  const t = words.overview;
  const strip = window.strips[0];
  const pause =
    window.state === 'paused'
      ? [
          window.reason === null ? '' : ((words.reason as Record<string, string>)[window.reason] ?? window.reason),
          window.expectedReturnAt === null ? '' : t.backAt(timeText(window.expectedReturnAt, zone, 'minute')),
        ]
          .filter(Boolean)
          .join(' · ')
      : '';
  const level = strip ? t.sure[strip.level] : t.noStrip;
  const latency = strip?.latencyMs == null ? '' : ` ${t.latency(millisText(strip.latencyMs))}`;
  const isTold = pause !== '' && window.expectedReturnAt !== null;
  const age = isTold || window.changedAt === null ? '' : ageText(hallMs - window.changedAt, words.age);
  return [pause || `${level}${latency}`, age].filter(Boolean).join(' · ');
}

interface TileProps {
  readonly window: WindowView;
  /** Hall time, in steps of a second. */
  readonly hallMs: number;
  readonly zone: string;
  readonly compact: boolean;
  readonly onOpen: (id: string) => void;
}

/** One window at a glance. Grey unless something is abnormal; then an edge, a shape and the reason in words. */
export const WindowTile = memo(function WindowTile({ window, hallMs, zone, compact, onOpen }: TileProps) {
  const { language, words } = useLanguage();
  const causes = causesOf(window, hallMs);
  const attention = attentionOf(causes);
  const strip = window.strips[0];
  return (
    <li className={`tile ${attention} ${window.state}${compact ? ' compact' : ''}`} data-testid={`tile-${window.id}`}>
      <button type="button" onClick={() => onOpen(window.id)}>
        <span className="tile-head">
          <span className="tile-number">
            <span className="sr">{words.overview.windowNumber(window.number)}</span>
            <span aria-hidden>{window.number}</span>
          </span>
          {!compact && <span className="tile-department">{named(window.department, language)}</span>}
          <StateMark state={window.state} />
        </span>
        {!compact &&
          (strip ? (
            <StripPicture window={window} strip={strip} zone={zone} />
          ) : (
            <span className="strip strip-none">{words.overview.noStrip}</span>
          ))}
        <span className="tile-main">
          <span className="tile-ticket">{window.ticket ?? words.overview.noTicket}</span>
          <span>{words.overview.waiting(window.waiting)}</span>
          {!compact && (
            <span className="tile-sure">
              <QuietLine window={window} hallMs={hallMs} zone={zone} words={words} />
            </span>
          )}
        </span>
        {!compact && causes.length > 0 && (
          <span className="cause tile-cause">
            <span aria-hidden>{attention === 'alarm' ? '▲ ' : '△ '}</span>
            {causes.map((cause) => causeText(cause, window, zone, words)).join(words.overview.listSeparator)}
          </span>
        )}
        {compact && causes[0] && <span className="sr">{causeText(causes[0], window, zone, words)}</span>}
      </button>
    </li>
  );
});
