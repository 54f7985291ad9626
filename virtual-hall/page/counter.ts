/** The counter: what a person at a window does, sent as signed platform events on the normal way. */
import { byId, element } from './element.ts';
import { drawStrip } from './led.ts';
import { act, fault, onChange, redraw, type ActReply, type Store } from './store.ts';
import { languageNow, say, sayOf, type Word } from './text.ts';

const reasons = ['away', 'meeting', 'handover', 'system_fault'] as const;
const RETURN_AFTER_MS = 600_000;
const whys: Readonly<Record<string, Word>> = { nobody_waits: 'nobodyWaits', no_ticket: 'noTicket', not_paused: 'notPaused' };

function button(testid: string, className: string, press: () => unknown): HTMLButtonElement {
  const made = element('button', { type: 'button', className, data: { testid } });
  made.addEventListener('click', () => void press());
  return made;
}

/** `acted` hears what was done and what came of it. */
export function mountCounter(store: Store, acted: (what: string, reply: ActReply) => void): void {
  const window = element('select', { id: 'window', data: { testid: 'window' } });
  const service = element('select', { id: 'service', data: { testid: 'service' } });
  const reason = element('select', { id: 'reason', data: { testid: 'reason' } });
  const canvas = element('canvas', { width: 640, height: 96, className: 'big' });
  const state = element('p', { className: 'now', data: { testid: 'counter-state' } });
  const message = element('p', { className: 'message', data: { testid: 'counter-message' } });
  message.setAttribute('role', 'status');

  const perform = async (what: string, request: Parameters<typeof act>[0]) => {
    const reply = await act(request);
    message.textContent = reply.done
      ? [what === 'take' ? say('taken') : sayOf(what), reply.ticket ?? ''].join(' ')
      : say(whys[reply.why ?? ''] ?? 'refused');
    if (reply.done && what === 'call') store.openTrace = reply.events.find(({ type }) => type === 'ticket.called')?.id;
    acted(what, reply);
    redraw(store);
  };
  const here = () => ({ window: store.selected });
  const take = button('take', 'main', () => perform('take', { act: 'take', service: service.value }));
  const call = button('call', 'main', () => perform('call', { act: 'call', ...here() }));
  const recall = button('recall', '', () => perform('recall', { act: 'recall', ...here() }));
  const end = button('end', '', () => perform('end', { act: 'end', ...here() }));
  const pause = button('pause', '', () => {
    const paused = store.counters.get(store.selected)?.state === 'paused';
    if (paused) return perform('resume', { act: 'resume', ...here() });
    const returnAtMs = Math.round(store.now.hallMs + RETURN_AFTER_MS);
    return perform('pause', { act: 'pause', ...here(), reason: reason.value as (typeof reasons)[number], returnAtMs });
  });
  const stripId = () => store.hall.windows.find(({ id }) => id === store.selected)?.strip ?? '';
  const cable = button('unplug', 'fault', async () => {
    const unplugged = store.strips.get(stripId())?.unplugged === true;
    await fault({ what: unplugged ? 'plug' : 'unplug', strip: stripId() });
    acted(unplugged ? 'plug' : 'unplug', { done: true, events: [] });
  });
  const power = button('power', 'fault', () => fault({ what: 'power', strip: stripId() }));
  const kill = button('kill-server', 'fault', () => fault({ what: 'kill', process: 'server' }));
  const labels: [HTMLElement, Word][] = [];
  const label = (word: Word, forId: string) => {
    const made = element('label', { htmlFor: forId });
    labels.push([made, word]);
    return made;
  };
  const faultHeading = element('h3', { data: { text: 'breaking' } });
  const faultHint = element('p', { className: 'hint', data: { text: 'breakingHint' } });
  const faultRow = element('div', { className: 'row three' }, cable, power, kill);
  const faults = element('div', { className: 'breaking' }, faultHeading, faultRow, faultHint);
  byId('counter').append(
    element('div', { className: 'field' }, label('window', 'window'), window),
    canvas,
    state,
    element('div', { className: 'field' }, label('service', 'service'), service),
    element('div', { className: 'row two' }, take, call),
    element('div', { className: 'row two' }, recall, end),
    element('div', { className: 'field pausing' }, reason, pause),
    message,
    faults,
  );
  window.addEventListener('change', () => {
    store.selected = window.value;
    redraw(store);
  });

  let drawnFor = '';
  function fill(): void {
    const key = `${store.selected} ${languageNow()}`;
    if (drawnFor === key) return;
    drawnFor = key;
    message.textContent = '';
    for (const [made, word] of labels) made.textContent = say(word);
    const words: [HTMLElement, Word][] = [
      [take, 'take'],
      [call, 'call'],
      [recall, 'recall'],
      [end, 'end'],
      [power, 'power'],
    ];
    for (const [made, word] of words) made.textContent = say(word);
    reason.setAttribute('aria-label', say('reason'));
    kill.textContent = `${say('server')} ${say('kill')}`;
    const english = languageNow() === 'en';
    window.replaceChildren(
      ...store.hall.windows.map((one) =>
        element('option', { value: one.id }, `${one.number} · ${english ? one.departmentEn : one.department} · ${one.area}`),
      ),
    );
    window.value = store.selected;
    const own = store.hall.windows.find(({ id }) => id === store.selected)?.services ?? [];
    service.replaceChildren(
      ...store.hall.services
        .filter(({ id }) => own.includes(id))
        .map(({ id, zh, en, prefix }) => element('option', { value: id }, `${prefix} · ${english ? en : zh}`)),
    );
    reason.replaceChildren(...reasons.map((one) => element('option', { value: one }, say(one))));
  }

  onChange((_, changes) => {
    fill();
    const counter = store.counters.get(store.selected);
    const paused = counter?.state === 'paused';
    pause.textContent = say(paused ? 'resume' : 'pause');
    reason.disabled = paused;
    const strip = store.strips.get(stripId());
    cable.textContent = say(strip?.unplugged === true ? 'plug' : 'unplug');
    cable.setAttribute('aria-pressed', String(strip?.unplugged === true));
    kill.hidden = store.now.processes?.['server'] === undefined;
    kill.disabled = store.now.processes?.['server'] !== 'running';
    if (counter) {
      const hand = counter.manualUntilMs !== undefined && counter.manualUntilMs > store.now.hallMs;
      const doing = counter.state === 'open' ? sayOf(counter.phase) : sayOf(counter.state);
      state.textContent = [doing, counter.ticket, `${counter.waiting} ${say('waiting')}`, hand ? say('manual') : '']
        .filter((part) => part !== undefined && part !== '')
        .join(' · ');
    }
    if (strip && (changes.strips === undefined || changes.strips.some(({ id }) => id === strip.id))) {
      drawStrip(canvas, strip, 2);
      canvas.dataset['verdict'] = strip.verdict;
    }
  });
}
