/** Below the strips: a board, the newest acts, and the trace of one of them. */
import type { CallTrace } from '../src/traces.ts';
import { byId, element } from './element.ts';
import { onChange, redraw, type Store } from './store.ts';
import { languageNow, say, sayOf } from './text.ts';

const SHOWN = 9;
/** An act that has brought no frame by then changes no picture: a recall, or an end that a call follows at once. Machine ms. */
const UNCHANGED_MS = 2000;
const ms = (value: number): string => `${value.toFixed(1)} ms`;
const endOf = ({ frames }: CallTrace): number | undefined => frames[0]?.ackMs;
const hallTime = (store: Store, at: number, seconds = true): string =>
  new Intl.DateTimeFormat('en-GB', {
    timeZone: store.hall.zone,
    hour: '2-digit',
    minute: '2-digit',
    ...(seconds ? { second: '2-digit' } : {}),
  }).format(at);

const unchanged = (store: Store, { frames, acceptedMs, hallMs }: CallTrace): boolean =>
  frames.length === 0 && acceptedMs !== undefined && store.now.hallMs - hallMs > UNCHANGED_MS * store.hall.speed;

const acts: Readonly<Record<string, { readonly zh: string; readonly en: string }>> = {
  'ticket.called': { zh: '呼叫', en: 'call' },
  'ticket.recalled': { zh: '重呼', en: 'recall' },
  'ticket.ended': { zh: '完成', en: 'end' },
  'window.paused': { zh: '暂停', en: 'pause' },
  'window.resumed': { zh: '恢复', en: 'resume' },
  'window.opened': { zh: '开窗', en: 'open' },
  'window.closed': { zh: '关窗', en: 'close' },
};

export function mountStage(store: Store): void {
  const tabs = element('div', { className: 'tabs' });
  const frame = element('iframe', { className: 'board' });
  const holder = element('div', { className: 'holder' }, frame);
  const list = element('ol', { className: 'acts', data: { testid: 'traces' } });
  const detail = element('div', { className: 'trace', hidden: true, data: { testid: 'trace' } });
  const heading = element('h3');
  byId('stage').append(
    element('div', { className: 'boards' }, tabs, holder),
    detail,
    element('div', { className: 'recent' }, heading, list),
  );
  store.hall.boards.forEach(({ name, url }, at) => {
    const tab = element('button', { type: 'button', className: 'tiny' }, name);
    const choose = () => {
      frame.src = url;
      for (const other of tabs.children) other.setAttribute('aria-pressed', String(other === tab));
    };
    tab.addEventListener('click', choose);
    tabs.append(tab);
    if (at === 0) choose();
  });

  /** A latency; for the frame and its answer, that there will be none. */
  const atOf = (at: number | undefined, trace: CallTrace, isFrame = true): string =>
    at !== undefined ? ms(at) : isFrame && unchanged(store, trace) ? say('unchanged') : '…';

  function stages(trace: CallTrace): HTMLElement {
    const [first] = trace.frames;
    const frameRows = [say('stageFrame'), say('stageAck')];
    const rows: [string, number | undefined, string][] = [
      [
        say('stageEvent'),
        0,
        `${trace.event.type} · ${trace.event.subject ?? ''} · seq ${trace.event.sequence ?? ''} · id ${trace.event.id}`,
      ],
      [
        say('stageMqtt'),
        trace.mqtt?.atMs,
        trace.mqtt ? `${trace.mqtt.topic} · ${trace.mqtt.field.key} · seq ${trace.mqtt.field.seq} · ${trace.mqtt.bytes} B` : '',
      ],
      [say('stageCommit'), trace.acceptedMs, sayOf(trace.outcome ?? '')],
      [say('stageFrame'), first?.atMs, first ? `${languageNow() === 'zh' ? first.zh : first.en}` : ''],
      [say('stageAck'), first?.ackMs, first?.ackHex ?? ''],
    ];
    const ordered = rows.toSorted((a, b) => (a[1] ?? Infinity) - (b[1] ?? Infinity));
    return element(
      'table',
      {},
      element(
        'tbody',
        {},
        ...ordered.map(([name, at, what]) =>
          element(
            'tr',
            {},
            element('th', { scope: 'row' }, name),
            element('td', { className: 'ms' }, atOf(at, trace, frameRows.includes(name))),
            element('td', {}, what),
          ),
        ),
      ),
    );
  }

  function drawDetail(trace: CallTrace | undefined): void {
    detail.hidden = trace === undefined;
    if (!trace) return;
    const back = element('button', { type: 'button', className: 'tiny' }, say('back'));
    back.addEventListener('click', () => {
      store.openTrace = undefined;
      redraw(store);
    });
    const title = `${say('trace')} · ${say('window')} ${numberOf(trace.window)} · ${trace.ticket ?? ''} · ${hallTime(store, trace.hallMs)}`;
    detail.replaceChildren(
      element('div', { className: 'line' }, element('h3', {}, title), back),
      stages(trace),
      element('code', { className: 'hex', tabIndex: 0 }, trace.frames[0]?.hex ?? ''),
    );
  }
  const numberOf = (window: string) => store.hall.windows.find(({ id }) => id === window)?.number ?? window;

  let drawn = '';
  onChange((_, { traces }) => {
    const newest = [...store.traces.values()].slice(-SHOWN).toReversed();
    const still = [...store.traces.values()].filter((trace) => unchanged(store, trace)).length;
    const key = `${store.openTrace} ${languageNow()} ${still}`;
    if (!traces && key === drawn) return;
    drawn = key;
    heading.textContent = say('traces');
    frame.title = say('board');
    list.replaceChildren(
      ...newest.map((trace) => {
        const { id, window, ticket = '', type, hallMs } = trace;
        const open = element(
          'button',
          { type: 'button', className: 'act' },
          element('span', {}, hallTime(store, hallMs)),
          element('strong', {}, numberOf(window)),
          element('span', {}, `${acts[type]?.[languageNow()] ?? type} ${ticket}`),
          element('span', { className: 'ms' }, atOf(endOf(trace), trace)),
        );
        open.addEventListener('click', () => {
          store.openTrace = id;
          redraw(store);
        });
        return element('li', {}, open);
      }),
    );
    drawDetail(store.openTrace === undefined ? undefined : store.traces.get(store.openTrace));
  });
}
