/** The console in a browser: calls arrive by themselves, a lost connection is said, and content is changed with care. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { BUSY_MOMENT, openStagedHall, PASSWORD, type StagedHall } from './staged-hall.ts';
import { openChromium, openPage, PATIENCE_MS, signIn, type PageOptions } from './watched-page.ts';

let hall: StagedHall;
let browser: Browser;
const patience = { timeout: PATIENCE_MS };
beforeAll(async () => {
  [hall, browser] = await Promise.all([openStagedHall(), openChromium()]);
  await hall.admit('wang.min', '王敏');
  await vi.waitUntil(() => hall.stage.checker.verdict('strip-w01') === 'right', patience);
});
afterAll(async () => {
  await browser?.close();
  await hall?.close();
});

/** The overview, signed in; complaints are counted when the test ends. */
async function openOverview(options: PageOptions = {}): Promise<Page> {
  const { page, complaints, close } = await openPage(browser, hall, options);
  onTestFinished(async () => {
    expect(complaints).toEqual([]);
    await close();
  });
  await signIn(page, hall, 'wang.min', PASSWORD);
  await page.getByTestId('figure-windows').waitFor();
  return page;
}
/** Takes a ticket for a window and calls it there, as a person at the counter of the platform would; answers its number. */
function call(window: string): string {
  const { platform } = hall.stage;
  const [service = ''] = hall.content.windows.find(({ id }) => id === window)?.services ?? [];
  platform.act({ act: 'take', service });
  const { result } = platform.act({ act: 'call', window });
  return (result.done && result.ticket) || 'nobody was called';
}

test('a call appears on the overview by itself, with the picture of its strip and the level it was confirmed at', async () => {
  const page = await openOverview();
  const tile = page.getByTestId('tile-w02');
  const ticket = call('w02');
  await tile.locator('.tile-ticket').getByText(ticket).waitFor();
  await tile.locator('.state').getByText('办理中').waitFor();
  await expect.poll(() => tile.locator('.tile-sure').textContent(), patience).toMatch(/^已应答 \d[\d.]* 毫秒/);
  await tile.getByRole('img', { name: new RegExp(`窗口屏：.*${ticket}`) }).waitFor();
  expect(hall.shown('w02')).toContain(ticket);
  // The event has only just happened in the hall, whatever the wall clock says.
  await expect.poll(() => page.getByTestId('figure-feed').textContent()).toMatch(/刚刚|\d+ 秒前/);

  await tile.getByRole('button').click();
  const drawer = page.getByRole('dialog');
  await drawer.getByText('设备应答已收到内容；此类卡不能回读画面。').waitFor();
  await drawer.getByText(new RegExp(`${ticket} · 第 1 次呼叫`)).waitFor();
  await drawer
    .getByRole('button', { name: /查看轨迹 呼叫/ })
    .first()
    .click();
  const steps = drawer.getByRole('list', { name: '一次事件的全过程' });
  await steps.getByText('02 号窗口屏：已应答').waitFor();
  // A board that nobody has opened answers nothing, and the trace says so.
  await steps.getByText('A区叫号大屏：等待应答').waitFor();
  const way = await steps.getByRole('listitem').filter({ hasNotText: 'A区叫号大屏' }).allTextContents();
  expect(way).toEqual([
    '平台发生',
    '服务器收到+0.0 毫秒',
    expect.stringMatching(/^写入数据库\+\d/),
    expect.stringMatching(/^发布给代理\+\d/),
    expect.stringMatching(/^02 号窗口屏：决定画面\+\d/),
    expect.stringMatching(/^02 号窗口屏：发给设备\+\d/),
    expect.stringMatching(/^02 号窗口屏：已应答\+\d/),
  ]);
});

test('a strip that is cut off is named on the overview and on the list of what is abnormal', async () => {
  const page = await openOverview();
  const strip = hall.stage.strips.get('strip-w06');
  strip?.unplug(true);
  const tile = page.getByTestId('tile-w06');
  await tile.getByText('窗口屏不在线').waitFor();
  await page
    .getByTestId('figure-screens')
    .getByText(/块未确认/)
    .waitFor();
  await page.getByText('只看异常').click();
  expect(await page.locator('.tile').count()).toBe(1);
  strip?.unplug(false);
  await tile.waitFor({ state: 'detached' });
  await page.getByText('没有异常').first().waitFor();
});

test('boards that nobody has opened are counted apart, and colour nothing', async () => {
  const page = await openOverview();
  const figure = page.getByTestId('figure-screens');
  await figure.getByText(/^\d+ 块综合屏未打开$/).waitFor();
  expect(await figure.getAttribute('class')).toBe('figure');
  await page.getByRole('navigation').getByRole('link', { name: '设备' }).click();
  await page
    .getByRole('row', { name: /A区叫号大屏/ })
    .getByText('未打开')
    .waitFor();
});

test('the log of events tells links and calls in words, and keeps the code in the details', async () => {
  const page = await openOverview();
  const ticket = call('w03');
  const strip = hall.stage.strips.get('strip-w05');
  strip?.unplug(true);
  await page.getByRole('navigation').getByRole('link', { name: '事件' }).click();
  await page
    .getByRole('cell', { name: `${ticket} → 03 号窗口`, exact: true })
    .first()
    .waitFor();
  const lost = page.getByRole('row', { name: /05 号窗口屏 · 离线 · / }).first();
  await lost.waitFor();
  expect(await lost.textContent()).not.toMatch(/[A-Z]+_[A-Z]+/);
  await lost.locator('.ant-table-row-expand-icon').click();
  await page
    .locator('.event-details')
    .getByText(/^DEVICE_[A-Z]+$/)
    .first()
    .waitFor();
  strip?.unplug(false);
  await vi.waitUntil(() => hall.stage.checker.verdict('strip-w05') === 'right', patience);
});

test.each([1280, 1440])('English tiles keep to one line at %i px, and nothing of it is cut', async (width) => {
  const page = await openOverview();
  await page.setViewportSize({ width, height: 900 });
  hall.stage.platform.act({ act: 'pause', window: 'w04', reason: 'device_fault', returnAtMs: BUSY_MOMENT + 7_200_000 });
  await page.getByTestId('language').click();
  await page
    .getByTestId('tile-w04')
    .getByText(/back \d\d:\d\d/)
    .waitFor();
  const badly = await page
    .locator('.tile-main')
    .evaluateAll((lines) =>
      lines
        .filter(
          (line) =>
            line.clientHeight > 30 ||
            [...line.children].some((part) => part.scrollWidth > part.clientWidth + 1 && part.className === 'tile-sure'),
        )
        .map((line) => line.textContent),
    );
  expect(badly).toEqual([]);
  await page.getByTestId('language').click();
  hall.stage.platform.act({ act: 'resume', window: 'w04' });
});

test('the language changes for the whole console, and stays', async () => {
  const page = await openOverview();
  await page.getByTestId('language').click();
  await page.getByRole('link', { name: 'Overview' }).waitFor();
  await page.reload();
  await page.getByRole('navigation').getByRole('link', { name: 'Devices' }).click();
  await page.getByRole('heading', { name: 'Devices' }).waitFor();
  expect(await page.locator('html').getAttribute('lang')).toBe('en');
  await page.getByTestId('language').click();
  await page.getByRole('heading', { name: '设备' }).waitFor();
  expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN');
});

test('a console that loses the server says so until it is told the truth again', async () => {
  const page = await openOverview({ expected: [/ERR_(CONNECTION|EMPTY|SOCKET)/, /WebSocket/] });
  hall.consoleCable.unplug(true);
  const banner = page.getByTestId('connection-lost');
  await banner.getByText('与服务器的连接已中断').waitFor();
  const missed = call('w03');
  // Who is signed in is asked again after a reconnect; that it cannot be answered yet must not close the rooms.
  await page.route('**/api/v1/me', (route) => route.abort('connectionreset'));
  hall.consoleCable.unplug(false);
  await banner.waitFor({ state: 'detached' });
  await expect.poll(() => page.getByTestId('tile-w03').locator('.tile-ticket').textContent(), patience).toBe(missed);
});

test('an answer that was under way while something happened never takes it back', async () => {
  const page = await openOverview({ expected: [/ERR_(CONNECTION|EMPTY|SOCKET)/, /WebSocket/] });
  const shown = page.getByTestId('tile-w04').locator('.tile-ticket');
  const before = (await shown.textContent()) ?? '';
  let answers = 0;
  let deliver = () => {};
  const held = new Promise<void>((resolve) => {
    deliver = resolve;
  });
  await page.route('**/overview', async (route) => {
    const response = await route.fetch();
    answers += 1;
    await held;
    await route.fulfill({ response });
  });
  // After a reconnect all is read again.
  hall.consoleCable.unplug(true);
  await page.getByTestId('connection-lost').waitFor();
  hall.consoleCable.unplug(false);
  await expect.poll(() => answers, patience).toBeGreaterThan(0);
  await shown.getByText(call('w04')).waitFor();
  const texts = await shown.evaluateHandle((element) => {
    const seen: (string | null)[] = [];
    const note = () => void seen.push(element.textContent);
    new MutationObserver(note).observe(element, { characterData: true, childList: true, subtree: true });
    return seen;
  });
  const answered = page.waitForEvent('requestfinished', (request) => request.url().endsWith('/overview'));
  deliver();
  await answered;
  // Something told later shows that the answer has been taken.
  await page.getByTestId('tile-w02').locator('.tile-ticket').getByText(call('w02')).waitFor();
  expect(await texts.jsonValue()).not.toContain(before);
});

test('a CSV is tried first: each wrong row is named and nothing changes; a right one is taken', async () => {
  const page = await openOverview();
  await page.getByRole('link', { name: '大厅资料' }).click();
  await page.getByRole('link', { name: '窗口', exact: true }).click();
  const total = page.getByRole('status').filter({ hasText: '共 8 项' });
  await total.waitFor();
  const [department = { id: '' }] = hall.content.departments;
  const [service = ''] = hall.content.windows[0]?.services ?? [];
  const columns = 'id,number,area,department,services';
  const rows = hall.content.windows.map(({ id, number, area, department: of, services }) =>
    [id, number, area, of, services.join(' ')].join(','),
  );
  const file = (...more: string[]) => ({
    name: 'windows.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from([columns, ...rows, ...more].join('\n')),
  });

  await page.getByRole('button', { name: '导入 CSV' }).click();
  const panel = page.getByRole('dialog');
  await panel.getByLabel('选择 CSV 文件').setInputFiles(file(`w09,?,B区,${department.id},${service}`, 'w10,10,B区,nowhere,'));
  await panel.getByText('已选择 windows.csv').waitFor();
  expect(await panel.getByRole('button', { name: '导入', exact: true }).isDisabled()).toBe(true);
  await panel.getByRole('button', { name: '试运行' }).click();
  await panel.getByText(/处错误，没有改动任何内容/).waitFor();
  const wrong = await panel.getByRole('row').allTextContents();
  expect(wrong).toEqual(['行列值要求', expect.stringMatching(/^10number\?/), expect.stringMatching(/^11departmentnowhere/)]);
  expect(await panel.getByRole('button', { name: '导入', exact: true }).isDisabled()).toBe(true);
  expect(hall.server.services.content.load().windows).toHaveLength(8);

  await panel.getByLabel('选择 CSV 文件').setInputFiles(file(`w09,09,B区,${department.id},${service}`));
  await panel.getByRole('button', { name: '试运行' }).click();
  await panel.getByText('没有错误，可以导入。').waitFor();
  await panel.getByText('新增 1 · 修改 0 · 删除 0 · 不变 8').waitFor();
  expect(hall.server.services.content.load().windows).toHaveLength(8);
  await panel.getByRole('button', { name: '导入', exact: true }).click();
  await panel.getByText('导入完成').waitFor();
  await panel.getByRole('button', { name: '关闭', exact: true }).last().click();
  await page.getByRole('status').filter({ hasText: '共 9 项' }).waitFor();
});

test('the overview of a telephone, 360 px wide, never scrolls sideways', async () => {
  const page = await openOverview({ width: 360, height: 740 });
  const sideways = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(await sideways()).toBe(0);
  await page.getByTestId('tile-w01').getByRole('button').click();
  await page.getByRole('dialog').getByText('01 号窗口').waitFor();
  expect(await sideways()).toBe(0);
});
