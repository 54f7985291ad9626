/** The hall: every strip as a visitor sees it, in a column per area; the buttons above a column belong to its agent. */
import type { StripView } from '../src/stage-messages.ts';
import { byId, element } from './element.ts';
import { drawStrip } from './led.ts';
import { fault, onChange, redraw, type Store } from './store.ts';
import { say, sayOf } from './text.ts';

export function mountStrips(store: Store): void {
  const areas = [...new Set(store.hall.windows.map(({ area }) => area))];
  const canvases = new Map<string, HTMLCanvasElement>();
  const buttons = new Map<string, HTMLButtonElement>();
  const heads: {
    readonly agent: string;
    readonly state: HTMLElement;
    readonly cable: HTMLButtonElement;
    readonly kill: HTMLButtonElement;
  }[] = [];

  areas.forEach((area, at) => {
    const agent = store.hall.agents[at] ?? '';
    const state = element('span', { className: 'state' });
    const cable = element('button', { type: 'button', className: 'tiny', data: { testid: `unplug-${agent}` } });
    const kill = element('button', { type: 'button', className: 'tiny', data: { testid: `kill-${agent}` } });
    cable.addEventListener('click', () => {
      void fault({ what: store.now.cables?.[agent] === true ? 'plug' : 'unplug', agent });
    });
    kill.addEventListener('click', () => void fault({ what: 'kill', process: agent }));
    heads.push({ agent, state, cable, kill });
    const list = element('ol', { className: 'column' });
    for (const window of store.hall.windows.filter((one) => one.area === area)) {
      const canvas = element('canvas', { width: 320, height: 48 });
      const button = element('button', { type: 'button', className: 'strip', data: { testid: window.strip } }, canvas);
      button.addEventListener('click', () => {
        store.selected = window.id;
        redraw(store);
      });
      canvases.set(window.strip, canvas);
      buttons.set(window.id, button);
      list.append(element('li', {}, button));
    }
    const head = element(
      'div',
      { className: 'head' },
      element('strong', {}, area),
      element('span', { className: 'agent' }, agent),
      state,
      cable,
      kill,
    );
    byId('strips').append(element('div', { className: 'area' }, head, list));
  });

  const show = (strip: StripView) => {
    const canvas = canvases.get(strip.id);
    if (!canvas) return;
    drawStrip(canvas, strip, 1);
    const button = canvas.parentElement;
    if (!button) return;
    button.dataset['verdict'] = strip.verdict;
    button.dataset['unplugged'] = String(strip.unplugged);
    button.title = `${sayOf(strip.verdict)} · ${strip.texts.join(' ')}`;
  };

  onChange((_, { strips = [] }) => {
    strips.forEach(show);
    for (const [id, button] of buttons) button.setAttribute('aria-pressed', String(id === store.selected));
    for (const { agent, state, cable, kill } of heads) {
      const process = store.now.processes?.[agent];
      const unplugged = store.now.cables?.[agent];
      state.textContent = process === undefined || process === 'running' ? '' : sayOf(process);
      cable.hidden = unplugged === undefined;
      cable.textContent = say(unplugged === true ? 'plug' : 'unplug');
      cable.setAttribute('aria-pressed', String(unplugged === true));
      kill.hidden = process === undefined;
      kill.textContent = say('kill');
      kill.disabled = process !== 'running';
    }
  });
}
