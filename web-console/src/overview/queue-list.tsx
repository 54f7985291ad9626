import type { Overview } from '@hall/contracts';
import { named, useLanguage } from '../i18n/language.tsx';

/** Services with somebody waiting, longest first; a bar is easier to compare than a number. */
export function QueueList({ queues }: { queues: Overview['queues'] }) {
  const { language, words } = useLanguage();
  const waiting = queues.filter((queue) => queue.waiting > 0).toSorted((a, b) => b.waiting - a.waiting);
  const most = waiting[0]?.waiting ?? 1;
  return (
    <section className="queues" aria-labelledby="queues-title">
      <h2 id="queues-title">{words.overview.services}</h2>
      {waiting.length === 0 ? (
        <p className="quiet">{words.overview.noQueue}</p>
      ) : (
        <ol>
          {waiting.map((queue) => (
            <li key={queue.service}>
              <span className="queue-name">{named(queue, language)}</span>
              <span className="queue-count">{queue.waiting}</span>
              <span className="queue-bar" aria-hidden style={{ width: `${(100 * queue.waiting) / most}%` }} />
              {queue.next.length > 0 && (
                <span className="queue-next">{words.overview.next(queue.next.slice(0, 3).join(' '))}</span>
              )}
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
