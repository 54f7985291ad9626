/** No page of the product has a violation of WCAG 2.1 A or AA that axe-core can see. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openStagedHall, PASSWORD, type StagedHall } from './staged-hall.ts';
import { accessibilityFaults, openChromium, openPage, PATIENCE_MS, signIn, type WatchedPage } from './watched-page.ts';

let hall: StagedHall;
let browser: Browser;
let watched: WatchedPage;
let page: Page;
beforeAll(async () => {
  [hall, browser] = await Promise.all([openStagedHall(), openChromium()]);
  watched = await openPage(browser, hall);
  ({ page } = watched);
  await vi.waitUntil(() => hall.stage.checker.verdict('strip-w01') === 'right', { timeout: PATIENCE_MS });
  const [service = ''] = hall.content.windows[0]?.services ?? [];
  hall.stage.platform.act({ act: 'take', service });
  hall.stage.platform.act({ act: 'call', window: 'w01' });
});
afterAll(async () => {
  await browser?.close();
  await hall?.close();
});

test('the page of the first administrator', async () => {
  await page.goto(hall.consoleUrl);
  await page.getByLabel('一次性登录码').waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);
});

describe('with an administrator', () => {
  beforeAll(() => hall.admit('wang.min', '王敏'));

  test('sign-in', async () => {
    await page.goto(hall.consoleUrl);
    await page.getByRole('heading', { name: '登录' }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await signIn(page, hall, 'wang.min', PASSWORD);
    await page.getByTestId('figure-windows').waitFor();
  });

  test.each<[room: string, path: string, ready: (page: Page) => Promise<void>]>([
    ['overview', '/', (at) => at.getByTestId('tile-w01').waitFor()],
    ['window drawer', '/?window=w01', (at) => at.getByRole('dialog').getByText('最近事件').waitFor()],
    ['agents', '/fleet', (at) => at.getByRole('row', { name: /agent-a/ }).waitFor()],
    ['devices', '/devices', (at) => at.getByRole('row', { name: /strip-w01/ }).waitFor()],
    ['device page', '/devices/strip-w01', (at) => at.getByRole('region').first().waitFor()],
    ['discovery', '/discovery', (at) => at.getByRole('checkbox').first().waitFor()],
    ['labels', '/labels', (at) => at.getByTestId('label-strip-w01').waitFor()],
    [
      'device drawer',
      '/devices?device=strip-w01',
      (at) => at.getByRole('dialog').getByRole('button', { name: '识别' }).waitFor(),
    ],
    ['hall content', '/hall', (at) => at.getByRole('row', { name: /w01/ }).waitFor()],
    ['calendar', '/hall/calendar', (at) => at.getByText('节假日', { exact: true }).waitFor()],
    ['settings', '/hall/settings', (at) => at.getByLabel('大厅中文名').waitFor()],
    ['notices', '/hall/notices', (at) => at.getByRole('heading', { name: '发送记录' }).waitFor()],
    ['work orders', '/work-orders', (at) => at.getByRole('heading', { name: '平均修复时间' }).waitFor()],
    ['events', '/events', (at) => at.getByRole('row', { name: /呼叫/ }).first().waitFor()],
    ['people', '/people', (at) => at.getByRole('row', { name: /wang\.min/ }).waitFor()],
    [
      'audit',
      '/audit',
      (at) =>
        at
          .getByRole('row', { name: /wang\.min/ })
          .first()
          .waitFor(),
    ],
    ['sessions', '/sessions', (at) => at.getByRole('heading', { name: '登录会话' }).waitFor()],
  ])('%s, in both languages', async (_room, path, ready) => {
    await page.goto(`${hall.consoleUrl}${path}`);
    await ready(page);
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.evaluate(() => localStorage.setItem('hall.language', 'en'));
    await page.reload();
    await page.locator('html[lang=en] main').waitFor();
    await expect.poll(() => page.locator('.ant-spin-spinning').count(), { timeout: PATIENCE_MS }).toBe(0);
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.evaluate(() => localStorage.setItem('hall.language', 'zh'));
  });
});

test('the stage, with a trace and the tour open', async () => {
  await page.goto(hall.stage.url);
  await page.locator('[data-testid=strip-w01][data-verdict]').waitFor();
  await page.getByTestId('traces').getByRole('button').first().click();
  await page.getByTestId('trace').waitFor();
  await page.getByRole('button', { name: '五步导览' }).click();
  await page.getByTestId('tour-text').waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);
});

test('the board of an area', async () => {
  await page.goto(hall.boards.get('board-a') ?? '');
  await page.locator('#board[data-kind=queue]').waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);
});

test('none of these pages asked another host, broke the content security policy or failed in a script', () => {
  expect(watched.complaints).toEqual([]);
});
