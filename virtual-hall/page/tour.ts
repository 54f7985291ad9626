/** Five steps that show the point: a call arrives, a cut strip never lies, and it comes back. */
import { byId, element } from './element.ts';
import { onChange, redraw, type ActReply, type Store } from './store.ts';
import { say, type Word } from './text.ts';

const steps: readonly Word[] = ['tour1', 'tour2', 'tour3', 'tour4', 'tour5'];

export interface Tour {
  /** Something was done at the counter. */
  acted(what: string, reply: ActReply): void;
}

export function mountTour(store: Store): Tour {
  const panel = byId('tour');
  /** 0: not running; 1 to 5: the step; 6: done. */
  let at = 0;
  let drawn = '';

  const strip = () => store.strips.get(store.hall.windows.find(({ id }) => id === store.selected)?.strip ?? '');
  const go = (step: number) => {
    at = step;
    redraw(store);
  };
  byId('tour-start').addEventListener('click', () => go(1));

  function draw(): void {
    const wrong = (store.now.tally?.wrong ?? 0) / 1000;
    const text = at > steps.length ? `${say('tourDone')}${wrong.toFixed(1)} s` : say(steps[at - 1] ?? 'tour1');
    panel.hidden = at === 0;
    if (drawn === `${at} ${text}`) return;
    drawn = `${at} ${text}`;
    panel.dataset['step'] = String(at);
    const close = element('button', { type: 'button', className: 'ghost', data: { testid: 'tour-close' } }, say('close'));
    close.addEventListener('click', () => go(0));
    const line = element('p', { data: { testid: 'tour-text' } }, text);
    line.setAttribute('role', 'status');
    panel.replaceChildren(line, close);
    const targets = ['', 'take', 'call', 'unplug', '', 'unplug', ''];
    for (const button of document.querySelectorAll<HTMLElement>('[data-testid]')) {
      button.classList.toggle(
        'pointed',
        at > 0 && button.dataset['testid'] === targets[at] && button.closest('#counter') !== null,
      );
    }
  }

  onChange(() => {
    const verdict = strip()?.verdict;
    if (at === 4 && (verdict === 'safe' || verdict === 'stale')) at = 5;
    else if (at === 5 && strip()?.unplugged === false && verdict === 'right') at = 6;
    draw();
  });

  return {
    acted(what, { done }) {
      if (!done) return;
      if (at === 1 && what === 'take') go(2);
      else if (at === 2 && what === 'call') go(3);
      else if (at === 3 && what === 'unplug') go(4);
    },
  };
}
