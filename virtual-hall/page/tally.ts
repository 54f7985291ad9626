/** The running counter of screen-seconds, and the line at the top. */
import type { Verdict } from '../src/classify.ts';
import { byId, element } from './element.ts';
import { onChange, type Store } from './store.ts';
import { languageNow, say } from './text.ts';

const shown: readonly Verdict[] = ['right', 'held', 'late', 'stale', 'safe', 'dark', 'wrong'];
const seconds = (ms: number): string => (ms / 1000).toLocaleString('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });

export function mountTally(store: Store): void {
  const figures = new Map<Verdict, { readonly label: HTMLElement; readonly value: HTMLElement; readonly share: HTMLElement }>();
  const unit = element('span', { className: 'unit' });
  byId('tally').append(unit);
  for (const verdict of shown) {
    const label = element('span', { className: 'label' });
    const value = element('span', { className: 'value', data: { testid: `tally-${verdict}` } });
    const share = element('span', { className: 'share' });
    figures.set(verdict, { label, value, share });
    byId('tally').append(element('div', { className: 'figure', data: { verdict } }, label, value, share));
  }
  onChange(() => {
    const { tally, feed, hallMs } = store.now;
    unit.textContent = say('screenSeconds');
    byId('tally').setAttribute('aria-label', say('screenSeconds'));
    if (tally) {
      const all = shown.reduce((sum, verdict) => sum + tally[verdict], 0) || 1;
      for (const [verdict, { label, value, share }] of figures) {
        label.textContent = say(verdict);
        value.textContent = `${seconds(tally[verdict])} s`;
        share.textContent = `${((tally[verdict] / all) * 100).toFixed(2)} %`;
        const figure = value.parentElement;
        if (figure) figure.dataset['some'] = String(tally[verdict] >= 50);
      }
    }
    byId('title').textContent = languageNow() === 'zh' ? store.hall.zh : store.hall.en;
    byId('clock').textContent = new Intl.DateTimeFormat(languageNow() === 'zh' ? 'zh-CN' : 'en-GB', {
      timeZone: store.hall.zone,
      month: 'short',
      day: 'numeric',
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
    }).format(hallMs);
    if (feed) {
      const waits = feed.pending > 1 ? ` · ${feed.pending} ${say('pending')}` : '';
      byId('feed').textContent = `${say(feed.connected ? 'feedUp' : 'feedDown')}${waits}`;
      byId('feed').dataset['connected'] = String(feed.connected);
    }
  });
}
