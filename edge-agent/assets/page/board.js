// @ts-check
/* oxlint-disable no-restricted-globals -- a page in a browser has timers and no Clock */
/** The board page: paints what the agent sends, says what it has painted, and turns neutral by itself when nothing comes. */

/** How often the page tells the agent that it is alive, ms. */
const ALIVE_MS = 4000;
/** Believed before the agent has said how long its boards may be believed, ms. */
const FIRST_MAX_AGE_MS = 30_000;
/** How long a page of a list that does not fit stays, ms. */
const PAGE_MS = 8000;
/** A call is announced on this page once: window, ticket and count. */
const ANNOUNCED_CALLS = 200;

/** More recent calls than this are not read from afar. */
const MOST_CALLS = 7;

const neutral = {
  kind: 'neutral',
  title: { zh: '', en: '' },
  notice: { zh: '请以窗口叫号为准', en: 'Please follow the number called at the window' },
  rows: [],
  recentCalls: [],
  queues: [],
  openingHours: [],
};

const place = location.pathname.replace(/\/$/, '');
const board = /** @type {HTMLElement} */ (document.getElementById('board'));
const clock = /** @type {HTMLElement} */ (document.getElementById('clock'));

let hash = '';
let maxAgeMs = FIRST_MAX_AGE_MS;
let heardAt = performance.now();
/** The agent no longer drives this screen: its ticks keep the clock, not the belief in the last board. */
let resting = true;
/** @type {{ hallMs: number, speed: number, at: number } | undefined} */
let time;
/** @type {Intl.DateTimeFormat | undefined} */
let clockFormat;
let clockZone = '';
/** @type {string[]} */
let announced = [];
let firstBoard = true;
let turn = 0;

/**
 * @param {string} tag
 * @param {{ class?: string, lang?: string }} [attributes]
 * @param {Array<Node | string>} children
 */
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  if (attributes.class) made.className = attributes.class;
  if (attributes.lang) made.lang = attributes.lang;
  made.append(...children);
  return made;
}

/** @param {{ zh: string, en: string }} words */
const heading = ({ zh, en }) => element('h2', {}, `${zh} ${en} `, element('span', { class: 'page' }));

/** How many rows of a list fit its section whole; all of them are shown afterwards. @param {Element} list */
function fitting(list) {
  const items = /** @type {HTMLElement[]} */ ([...list.children]);
  for (const item of items) item.hidden = false;
  const section = /** @type {HTMLElement} */ (list.closest('section'));
  const bottom = section.getBoundingClientRect().bottom - Number.parseFloat(getComputedStyle(section).paddingBottom) + 1;
  return { items, section, fits: Math.max(1, items.filter((item) => item.getBoundingClientRect().bottom <= bottom).length) };
}

/** Shows of each list what fits, and the rest in turn; of the calls the newest that fit. Half a row is never shown. */
function showPages() {
  for (const list of board.querySelectorAll('.newest')) {
    const { items, fits } = fitting(list);
    items.forEach((item, at) => (item.hidden = at >= fits));
  }
  for (const list of board.querySelectorAll('.paged')) {
    const { items, section, fits } = fitting(list);
    const pages = Math.ceil(items.length / fits);
    const page = pages > 1 ? turn % pages : 0;
    items.forEach((item, at) => (item.hidden = Math.floor(at / fits) !== page));
    const number = section.querySelector('.page');
    if (number) number.textContent = pages > 1 ? `${page + 1}/${pages}` : '';
  }
}

/** @param {any} call */
const callKey = (call) => `${call.window}|${call.ticket}|${call.callNumber}|${call.calledAt}`;

/** @param {any} view @param {ReadonlySet<string>} fresh */
function queueBoard(view, fresh) {
  const calls = view.recentCalls
    .slice(0, MOST_CALLS)
    .map((/** @type {any} */ call) =>
      element(
        'li',
        { class: fresh.has(callKey(call)) ? 'new' : '' },
        element('span', {}, call.ticket),
        element('span', {}, `→ ${call.number} 号窗口`),
      ),
    );
  const windows = view.rows.map((/** @type {any} */ row) => {
    const back = row.expectedReturn ? ` 约${row.expectedReturn}恢复` : '';
    const said = row.ticket
      ? element('span', { class: 'ticket' }, row.ticket)
      : element('span', { class: 'state' }, `${row.shape} ${row.stateWord.zh}${back}`);
    return element('li', {}, element('span', {}, `${row.number}`), said);
  });
  const queues = view.queues.map((/** @type {any} */ queue) =>
    element('li', {}, element('span', { class: 'name' }, queue.name.zh), element('span', {}, `${queue.waiting}`)),
  );
  const partly = view.notice ? [element('p', { class: 'partly' }, `${view.notice.zh} ${view.notice.en}`)] : [];
  return element(
    'div',
    { class: 'columns' },
    element(
      'section',
      { class: 'calls' },
      heading({ zh: '正在叫号', en: 'Now calling' }),
      element('ol', { class: 'newest' }, ...calls),
    ),
    element('section', {}, heading({ zh: '窗口', en: 'Windows' }), element('ul', { class: 'windows paged' }, ...windows)),
    element('section', {}, heading({ zh: '等候人数', en: 'Waiting' }), element('ul', { class: 'queues paged' }, ...queues)),
    ...partly,
  );
}

/** @param {any} view */
function noticeBoard(view) {
  const hours = view.openingHours.map((/** @type {any} */ { days, shifts }) =>
    element('li', {}, `${days.zh} ${shifts.length === 0 ? '休息' : shifts.join('  ')}`),
  );
  const notice = view.notice ?? neutral.notice;
  return element(
    'div',
    { class: 'notice' },
    element('p', { class: 'zh', lang: 'zh-CN' }, notice.zh),
    element('p', { class: 'en', lang: 'en' }, notice.en),
    element('ul', {}, ...hours),
  );
}

/** Bars in every colour, from edge to edge. */
const testBoard = () =>
  element('div', { class: 'bars' }, ...['red', 'green', 'blue', 'yellow', 'white'].map((ink) => element('i', { class: ink })));

/** @param {any} view @param {ReadonlySet<string>} fresh */
function bodyOf(view, fresh) {
  if (view.kind === 'queue') return [queueBoard(view, fresh)];
  if (view.kind === 'test') return [testBoard()];
  return view.kind === 'blank' ? [] : [noticeBoard(view)];
}

/** @param {any} view */
function paint(view) {
  const newCalls = view.recentCalls.filter((/** @type {any} */ call) => call.freshCall && !announced.includes(callKey(call)));
  announced = [...announced, ...view.recentCalls.map(callKey)].slice(-ANNOUNCED_CALLS);
  /** @type {HTMLElement} */ (document.getElementById('title')).textContent = view.title.zh;
  /** @type {HTMLElement} */ (document.getElementById('title-en')).textContent = view.title.en;
  board.dataset['kind'] = view.kind;
  document.body.dataset['kind'] = view.kind;
  board.replaceChildren(...bodyOf(view, new Set(newCalls.map(callKey))));
  showPages();
  // A page that has just been opened shows calls of the past; they were announced already.
  if (newCalls.length > 0 && !firstBoard) chime();
  firstBoard = false;
}

/** @type {AudioContext | undefined} */
let audio;
/** Two soft tones, high then low. A browser that forbids sound stays silent; the flash remains. */
function chime() {
  try {
    audio ??= new AudioContext();
    const start = audio.currentTime;
    [880, 660].forEach((pitch, at) => {
      const context = /** @type {AudioContext} */ (audio);
      const tone = context.createOscillator();
      const volume = context.createGain();
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0.0001, start + at * 0.35);
      volume.gain.exponentialRampToValueAtTime(0.4, start + at * 0.35 + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.0001, start + at * 0.35 + 0.6);
      tone.connect(volume).connect(context.destination);
      tone.start(start + at * 0.35);
      tone.stop(start + at * 0.35 + 0.65);
    });
  } catch {
    audio = undefined;
  }
}

/** Tells the agent what is on the glass: after the browser has painted it, and as a sign of life. */
function report() {
  void fetch(`${place}/painted`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ hash }),
  }).catch(() => undefined);
}

/** @param {MessageEvent<string>} event */
function onBoard(event) {
  const message = JSON.parse(event.data);
  resting = false;
  heard(message);
  maxAgeMs = message.maxAgeMs;
  hash = message.hash;
  paint(message.view);
  requestAnimationFrame(() => setTimeout(report));
}

/** @param {{ hallMs: number, speed: number, zone: string, trusted: boolean }} message */
function heard({ hallMs, speed, zone, trusted }) {
  const now = performance.now();
  if (!resting) heardAt = now;
  // No clock is better than a wrong one.
  time = trusted ? { hallMs, speed, at: now } : undefined;
  if (zone === clockZone) return;
  clockZone = zone;
  clockFormat = new Intl.DateTimeFormat('zh-CN', { timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
}

function turnNeutral() {
  if (hash === '' && board.dataset['kind'] === 'neutral') return;
  hash = '';
  paint(neutral);
  report();
}

setInterval(() => {
  const now = performance.now();
  if (now - heardAt > maxAgeMs) turnNeutral();
  const next = time && clockFormat ? clockFormat.format(time.hallMs + (now - time.at) * time.speed) : '';
  if (clock.textContent !== next) clock.textContent = next;
}, 500);
setInterval(report, ALIVE_MS);
setInterval(() => {
  turn += 1;
  showPages();
}, PAGE_MS);
new ResizeObserver(showPages).observe(board);
// A font's characters come in parts, whenever a text first needs them.
document.fonts.addEventListener('loadingdone', showPages);

paint(neutral);
const stream = new EventSource(`${place}/events`);
stream.addEventListener('board', onBoard);
stream.addEventListener('tick', (event) => heard(JSON.parse(event.data)));
stream.addEventListener('rest', () => {
  resting = true;
});
