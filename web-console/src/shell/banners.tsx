import { useEffect } from 'react';
import { Link } from 'wouter';
import { useWarnings } from '../fleet/use-fleet.ts';
import { warningText } from '../fleet/warning-text.ts';
import { useWords } from '../i18n/language.tsx';
import { useConnection } from '../live/connection.ts';
import { useOverview } from '../live/hall-data.ts';
import { ageText } from '../time/age.ts';
import { zoneOf } from '../time/hall-clock.ts';
import { useHallNow, useTick } from '../time/ticking.ts';
import { useMay } from './me.ts';

/** Ages tick outside of the alert, or a screen reader would repeat it every second. A page that is not told the truth any more says so across its whole width, and the rooms lose their fresh look. */
function ConnectionBanner() {
  const words = useWords();
  const { state, trueAtMs } = useConnection();
  const now = useTick();
  useEffect(() => {
    document.body.classList.toggle('not-live', state === 'lost');
    return () => document.body.classList.remove('not-live');
  }, [state]);
  if (state !== 'lost') return null;
  return (
    <div className="banner alarm" data-testid="connection-lost">
      <span role="alert">
        <span aria-hidden>▲</span> {words.shell.connectionLost}
      </span>{' '}
      {words.shell.contentFrom(ageText(now - trueAtMs, words.age))}
    </div>
  );
}

function FeedBanner() {
  const words = useWords();
  const { data } = useOverview();
  const hallMs = useHallNow();
  if (!data || data.feed.fresh) return null;
  const { lastEventAt } = data.feed;
  return (
    <div className="banner warn" data-testid="feed-stale">
      <span role="alert">
        <span aria-hidden>▲</span> {words.shell.feedStale}
      </span>{' '}
      {lastEventAt === null && words.shell.feedNever}
      {lastEventAt !== null && hallMs !== undefined && words.shell.feedLast(ageText(hallMs - lastEventAt, words.age))}
    </div>
  );
}

/** Certificates that run out, keys that changed, agents that are there twice: for whoever can do something about it. */
function SecurityBanner() {
  const words = useWords();
  const warnings = useWarnings(useMay('agent.admit'));
  const zone = zoneOf(useOverview().data);
  const [first] = warnings;
  if (!first) return null;
  return (
    <div className="banner warn" data-testid="security-warning">
      <span role="alert">
        <span aria-hidden>▲</span> {warningText(first, words, zone)}
      </span>{' '}
      <Link href="/fleet">{words.fleet.more(warnings.length)}</Link>
    </div>
  );
}

/** What everybody must know before believing the page. */
export function Banners() {
  return (
    <>
      <ConnectionBanner />
      <FeedBanner />
      <SecurityBanner />
    </>
  );
}
