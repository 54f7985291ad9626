/** The stage in a browser: what a visitor tries, judged by the pixels of the strips and by what the page says. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { openStagedHall, type StagedHall } from './staged-hall.ts';
import { openChromium, openPage, PATIENCE_MS } from './watched-page.ts';

const NEUTRAL = '请以窗口叫号为准';
let hall: StagedHall;
let browser: Browser;
beforeAll(async () => {
  [hall, browser] = await Promise.all([openStagedHall(), openChromium()]);
  // Every strip has its window's picture before anybody looks.
  await vi.waitUntil(() => verdicts().every((verdict) => verdict === 'right'), patience);
});
afterAll(async () => {
  await browser?.close();
  await hall?.close();
});

const patience = { timeout: PATIENCE_MS };
const verdicts = () => [...hall.stage.strips.keys()].map((strip) => hall.stage.checker.verdict(strip));

/** The stage with a window at the counter; when the test ends, nothing was wrong on any strip at any moment. */
async function openStage(window: string): Promise<Page> {
  const { page, complaints, close } = await openPage(browser, hall);
  onTestFinished(async () => {
    expect(hall.stage.checker.findings.filter(({ verdict }) => verdict === 'wrong')).toEqual([]);
    expect(hall.stage.checker.tally().wrong).toBe(0);
    expect(complaints).toEqual([]);
    await close();
  });
  await page.goto(hall.stage.url);
  await page.getByTestId(`strip-${window}`).click();
  await expect.poll(() => page.getByTestId('window').inputValue()).toBe(window);
  return page;
}
const verdictOf = (page: Page, window: string) => page.getByTestId(`strip-${window}`).getAttribute('data-verdict');
/** Share of the lamps that the page draws lit on the strip. */
const lit = (page: Page, window: string) =>
  page.getByTestId(`strip-${window}`).evaluate((strip) => {
    const canvas = strip.querySelector('canvas');
    const { data } = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
    let bright = 0;
    for (let at = 0; at < data.length; at += 4) if (Math.max(data[at] ?? 0, data[at + 1] ?? 0) > 100) bright += 1;
    return (bright * 4) / data.length;
  });
/** Takes a ticket and calls it; answers its number. */
async function callTicket(page: Page): Promise<string> {
  await page.getByTestId('take').click();
  await page.getByTestId('counter-message').getByText('已取号').waitFor();
  await page.getByTestId('call').click();
  const called = page.getByTestId('counter-message').getByText('呼叫');
  await called.waitFor();
  return /[A-Z]+\d+/.exec((await called.textContent()) ?? '')?.[0] ?? 'no ticket';
}
const wrongSeconds = (page: Page) => page.getByTestId('tally-wrong').textContent();

test('the tour: take a ticket, call it, unplug, see the neutral text, plug back', async () => {
  const page = await openStage('w01');
  const step = page.locator('#tour');
  const at = (number: number) => page.locator(`#tour[data-step="${number}"]`).waitFor();
  const pointed = () => page.locator('.pointed').getAttribute('data-testid');
  await page.getByRole('button', { name: '五步导览' }).click();
  await at(1);
  expect(await pointed()).toBe('take');
  await page.getByTestId('take').click();
  await at(2);
  expect(await pointed()).toBe('call');
  await page.getByTestId('call').click();
  await at(3);
  const ticket = /[A-Z]+\d+/.exec((await page.getByTestId('counter-message').textContent()) ?? '')?.[0] ?? 'no ticket';
  await expect.poll(() => hall.shown('w01'), patience).toContain(ticket);
  await expect.poll(() => page.locator('#counter canvas').getAttribute('aria-label')).toContain(ticket);
  expect(await lit(page, 'w01')).toBeGreaterThan(0.02);

  expect(await pointed()).toBe('unplug');
  await page.getByTestId('unplug').click();
  await at(4);
  await at(5);
  // On the simulator and on the page: the neutral text, and no number.
  expect(hall.shown('w01')).toBe(NEUTRAL);
  await expect.poll(() => page.locator('#counter canvas').getAttribute('aria-label')).toBe(NEUTRAL);
  expect(await verdictOf(page, 'w01')).toBe('safe');

  expect(await pointed()).toBe('unplug');
  await page.getByTestId('unplug').click();
  await at(6);
  expect(hall.shown('w01')).toContain(ticket);
  expect(await verdictOf(page, 'w01')).toBe('right');
  await step.getByText('导览完成。错误显示时间：0.0 s').waitFor();
  expect(await wrongSeconds(page)).toBe('0.0 s');
});

test('a call opens its trace: event, commit, MQTT message, decoded frame, acknowledgement, in milliseconds', async () => {
  const page = await openStage('w02');
  const ticket = await callTicket(page);
  const trace = page.getByTestId('trace');
  await trace.getByRole('heading', { name: new RegExp(`窗口 02 · ${ticket}`) }).waitFor();
  const row = (name: string) => trace.getByRole('row', { name: new RegExp(`^${name.replaceAll(/[()]/g, '\\$&')}`) });
  await row('条屏应答').getByText(/\d ms/).waitFor();
  expect(await row('平台发出事件').textContent()).toContain('ticket.called');
  expect(await row('服务器已提交 (202)').textContent()).toMatch(/\d+\.\d ms/);
  expect(await row('MQTT 消息到代理').textContent()).toMatch(/\d+\.\d ms.*window\/w02/);
  expect(await row('条屏收到帧').textContent()).toMatch(new RegExp(`\\d+\\.\\d ms.*${ticket}`));
  // Onbon K frames begin with eight A5 and end with one 5A.
  expect(await trace.locator('.hex').textContent()).toMatch(/^(a5 ?){8}.*5a$/i);
  await trace.getByRole('button', { name: '返回大屏' }).click();
  await trace.waitFor({ state: 'hidden' });
  await page
    .getByTestId('traces')
    .getByRole('button', { name: new RegExp(`02.*呼叫 ${ticket}`) })
    .click();
  await trace.waitFor();
});

test('the counter recalls, finishes, pauses and resumes, and the strip follows', async () => {
  const page = await openStage('w03');
  const ticket = await callTicket(page);
  await expect.poll(() => hall.shown('w03'), patience).toContain(ticket);
  await page.getByTestId('recall').click();
  await page.getByTestId('counter-message').getByText(`重呼 ${ticket}`).waitFor();
  await page.getByTestId('end').click();
  await expect.poll(() => hall.shown('w03'), patience).not.toContain(ticket);
  await page.getByTestId('reason').selectOption('meeting');
  await page.getByTestId('pause').click();
  await expect.poll(() => hall.shown('w03'), patience).toMatch(/暂停.*约\d\d:\d\d恢复/);
  await page.getByTestId('pause').getByText('恢复').waitFor();
  await page.getByTestId('pause').click();
  await expect.poll(() => hall.shown('w03'), patience).not.toContain('暂停');
  await expect.poll(() => verdictOf(page, 'w03'), patience).toBe('right');
});

test('a card without power is dark and comes back by itself', async () => {
  const page = await openStage('w04');
  const ticket = await callTicket(page);
  await expect.poll(() => hall.shown('w04'), patience).toContain(ticket);
  await page.getByTestId('power').click();
  await expect.poll(() => verdictOf(page, 'w04')).toBe('dark');
  expect(await lit(page, 'w04')).toBe(0);
  await expect.poll(() => verdictOf(page, 'w04'), patience).toBe('right');
  expect(hall.shown('w04')).toContain(ticket);
  expect(await wrongSeconds(page)).toBe('0.0 s');
});

test('an agent cut off from the server lets its strips turn neutral, never an old number, and catches up', async () => {
  const page = await openStage('w07');
  const before = await callTicket(page);
  await expect.poll(() => hall.shown('w07'), patience).toContain(before);
  const cable = page.getByTestId('unplug-agent-b');
  await cable.click();
  await cable.getByText('插回网线').waitFor();
  const missed = await callTicket(page);
  await expect.poll(() => hall.shown('w07'), patience).toContain(NEUTRAL);
  expect(await verdictOf(page, 'w01')).toBe('right');
  await cable.click();
  await expect.poll(() => hall.shown('w07'), patience).toContain(missed);
  await expect.poll(() => new Set(verdicts()), patience).toEqual(new Set(['right']));
  expect(await wrongSeconds(page)).toBe('0.0 s');
});

test('the board in the middle of the stage and the list of the manager tell of a call', async () => {
  const page = await openStage('w02');
  const ticket = await callTicket(page);
  await page.getByTestId('trace').getByRole('button', { name: '返回大屏' }).click();
  await page.frameLocator('iframe').locator('.calls').getByText(ticket).waitFor();
  const told = page.locator('#told li').filter({ hasText: ticket });
  await told.getByText('✓ 已应答').waitFor();
  expect(await page.locator('#console').getAttribute('href')).toBe(`${hall.consoleUrl}/`);
});

test.each([
  [1920, 1080],
  [1080, 1920],
  [1920, 540],
])('a board of %i × %i cuts no ticket, window or state', async (width, height) => {
  const { page, close } = await openPage(browser, hall, { width, height });
  onTestFinished(close);
  const { platform } = hall.stage;
  const [service = ''] = hall.content.windows[0]?.services ?? [];
  platform.act({ act: 'take', service });
  platform.act({ act: 'call', window: 'w01' });
  const returnAtMs = Date.parse(`${hall.stage.config.day}T10:45:00+08:00`);
  platform.act({ act: 'pause', window: 'w02', reason: 'meeting', returnAtMs });
  await page.goto(hall.boards.get('board-a') ?? '');
  await page.locator('.windows').getByText('约10:45恢复').waitFor();
  await page.evaluate(() => document.fonts.ready);
  const cut = await page.evaluate(() =>
    [...document.querySelectorAll('section')].flatMap((section) => {
      const room = section.getBoundingClientRect();
      return [...section.querySelectorAll('li span:not(.name)')]
        .filter((text) => text.getBoundingClientRect().width > 0)
        .filter((text) => text.getBoundingClientRect().right > room.right || text.getBoundingClientRect().bottom > room.bottom)
        .map((text) => text.textContent);
    }),
  );
  expect(cut).toEqual([]);
});

test('the language of the stage changes, and stays', async () => {
  const page = await openStage('w01');
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByRole('heading', { name: 'Yunzhou County Service Hall' }).waitFor();
  expect(await page.getByTestId('call').textContent()).toBe('Call');
  await page.reload();
  await page.getByRole('heading', { name: 'Yunzhou County Service Hall' }).waitFor();
  expect(await page.locator('html').getAttribute('lang')).toBe('en');
  await page.getByRole('button', { name: '中文' }).click();
  await page.getByRole('heading', { name: '云州县政务服务大厅' }).waitFor();
});
