/** What the console is told: newest first. */
import { byId, element } from './element.ts';
import { onChange, type Store } from './store.ts';
import { say, sayOf } from './text.ts';

const SHOWN = 15;
const SECOND_MS = 1000;

const age = (ms: number): string =>
  ms < 60 * SECOND_MS ? `${Math.max(0, Math.round(ms / SECOND_MS))} s` : `${Math.round(ms / 60_000)} min`;

export function mountTold(store: Store): void {
  const link = byId<HTMLAnchorElement>('console');
  if (store.hall.consoleUrl !== undefined) {
    link.href = store.hall.consoleUrl;
    link.hidden = false;
  }
  const numbers = new Map(store.hall.windows.map(({ strip, number }) => [strip, number]));
  let drawnAtMs = 0;
  onChange((_, { told }) => {
    if (!told && Date.now() - drawnAtMs < SECOND_MS) return;
    drawnAtMs = Date.now();
    const newest = [...store.told.values()]
      .filter(({ device }) => numbers.has(device))
      .slice(-SHOWN)
      .toReversed();
    byId('told').replaceChildren(
      ...newest.map(({ device, text, level, link: state, freshness, confirmedAt }) => {
        // The newest part of a strip, its ticket or state, is drawn last.
        const online = state === 'online';
        const sure = sayOf(online ? level : state);
        const since = confirmedAt === undefined ? '' : age(Date.now() - confirmedAt);
        return element(
          'li',
          { data: { state: online && freshness !== 'stale' && freshness !== 'safe' ? 'normal' : 'odd' } },
          element('strong', {}, numbers.get(device) ?? ''),
          element('span', { className: 'what', title: text.join(' ') }, text.toReversed().join(' ')),
          element('span', { className: 'sure' }, online && level !== 'none' && level !== 'sent' ? `✓ ${sure}` : sure),
          element('span', { className: 'age' }, since),
        );
      }),
    );
    byId('told').setAttribute('aria-label', say('manager'));
  });
}
