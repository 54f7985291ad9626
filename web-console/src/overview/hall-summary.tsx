import type { DeviceView, Overview } from '@hall/contracts';
import { useLanguage } from '../i18n/language.tsx';
import { millisText } from '../time/age.ts';
import { ageText } from '../time/age.ts';
import { attentionOf, causesOf } from './attention.ts';
import { countStates } from './filter.ts';
import { screenCounts } from './screen-counts.ts';
import { windowStates } from '@hall/contracts';

function Figure({
  label,
  children,
  abnormal,
  testId,
}: {
  label: string;
  children: React.ReactNode;
  abnormal?: string;
  testId?: string;
}) {
  return (
    <div className={`figure${abnormal ? ' warn' : ''}`} data-testid={testId}>
      <dt>{label}</dt>
      <dd>
        {children}
        {abnormal && (
          <span className="cause">
            <span aria-hidden>△ </span>
            {abnormal}
          </span>
        )}
      </dd>
    </div>
  );
}

interface SummaryProps {
  readonly overview: Overview;
  /** Absent while they are read and for a reader who may not see them. */
  readonly devices: readonly DeviceView[] | undefined;
  readonly hallMs: number;
}

/** The hall in five figures; each says by itself when it is not as it should be. */
export function HallSummary({ overview, devices, hallMs }: SummaryProps) {
  const { words } = useLanguage();
  const t = words.overview;
  const counts = countStates(overview.windows);
  const abnormal = overview.windows.filter((window) => attentionOf(causesOf(window, hallMs)) !== 'none').length;
  const waiting = overview.queues.reduce((sum, queue) => sum + queue.waiting, 0);
  const { feed, screens, screensConfirmed, agents, agentsOnline } = overview;
  const { notOpen, missing, unknown } = screenCounts(overview, devices);
  const note = (text: string, when: boolean) => (when ? { abnormal: text } : {});
  return (
    <dl className="summary">
      <Figure label={t.windows} testId="figure-windows" {...note(t.abnormal(abnormal), abnormal > 0)}>
        <span className="figure-list">
          {windowStates
            .filter((state) => counts[state])
            .map((state) => `${words.state[state]} ${counts[state]}`)
            .join(' · ')}
        </span>
      </Figure>
      <Figure label={t.queue}>
        <strong>{waiting}</strong> {t.waitingTotal}
      </Figure>
      <Figure label={t.screens} testId="figure-screens" {...note(t.screensMissing(missing), missing > 0)}>
        {t.screensConfirmed(screensConfirmed, screens)}
        {notOpen > 0 && <span className="quiet figure-sub">{t.boardsNotOpen(notOpen)}</span>}
        {unknown > 0 && <span className="quiet figure-sub">{t.screensMissing(unknown)}</span>}
      </Figure>
      <Figure label={t.agents} {...note(t.agentsMissing(agents - agentsOnline), agents > agentsOnline)}>
        {t.agentsOnline(agentsOnline, agents)}
      </Figure>
      <Figure label={t.feed} testId="figure-feed" {...note(words.shell.feedStaleShort, !feed.fresh)}>
        {feed.lastEventAt === null ? words.common.never : ageText(hallMs - feed.lastEventAt, words.age)}
        {feed.lagMs !== null && <span className="quiet"> · {t.feedLag(t.latency(millisText(feed.lagMs)))}</span>}
        <span className="quiet figure-sub">{t.feedCounts(feed.accepted, feed.quarantined)}</span>
      </Figure>
    </dl>
  );
}
