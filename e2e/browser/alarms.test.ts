/** The rooms of alarms and of the topology in a browser: read, acted on by keyboard, in both languages, on a narrow screen too. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { openStagedHall, PASSWORD, type StagedHall } from './staged-hall.ts';
import { accessibilityFaults, openChromium, openPage, PATIENCE_MS, signIn, type PageOptions } from './watched-page.ts';

/** An alarm takes its delay of half a minute. */
const RAISED = { timeout: 90_000 };
const patience = { timeout: PATIENCE_MS };
let hall: StagedHall;
let browser: Browser;
let name: string;
beforeAll(async () => {
  [hall, browser] = await Promise.all([openStagedHall(), openChromium()]);
  await hall.admit('wang.min', '王敏');
  await vi.waitUntil(() => hall.stage.checker.verdict('strip-w06') === 'right', patience);
  name = hall.content.devices.find(({ id }) => id === 'strip-w06')?.name ?? '';
  hall.stage.strips.get('strip-w06')?.unplug(true);
  await vi.waitUntil(() => hall.server.services.alarms.list().length === 1, RAISED);
});
afterAll(async () => {
  await browser?.close();
  await hall?.close();
});

async function openConsole(options: PageOptions = {}): Promise<Page> {
  const { page, complaints, close } = await openPage(browser, hall, options);
  onTestFinished(async () => {
    expect(complaints).toEqual([]);
    await close();
  });
  await signIn(page, hall, 'wang.min', PASSWORD);
  await page.getByTestId('figure-windows').waitFor();
  return page;
}
const noFaults = async (page: Page) => expect(await accessibilityFaults(page)).toEqual([]);

test('the overview has one line with what to do, the header counts, and the window names its alarm', async () => {
  const page = await openConsole();
  const lines = page.getByTestId('alarm-lines');
  await lines.getByRole('link', { name: `设备离线 · ${name}` }).waitFor();
  await lines.getByText('查看这台设备的电源和数据线').waitFor();
  expect(await lines.getByRole('listitem').count()).toBe(1);
  expect(await page.getByTestId('alarm-badge').textContent()).toBe('△ 1 条告警');
  await noFaults(page);
  await page.getByTestId('tile-w06').getByRole('button').click();
  await page
    .getByRole('dialog')
    .getByRole('link', { name: `设备离线 · ${name}` })
    .waitFor();
});

test('an alarm is opened, acknowledged, taken, commented, shelved and taken back with the keyboard', async () => {
  const page = await openConsole();
  await page.getByTestId('alarm-badge').focus();
  await page.keyboard.press('Enter');
  const row = page.getByRole('button', { name: `设备离线 ${name}` });
  await row.waitFor();
  await noFaults(page);
  await row.focus();
  await page.keyboard.press('Enter');
  const drawer = page.getByRole('dialog');
  await drawer.getByText('屏幕停在旧内容、中性提示或黑屏。').waitFor();
  await drawer.getByText('未确认').waitFor();
  await drawer.getByRole('button', { name: '确认', exact: true }).focus();
  await page.keyboard.press('Enter');
  await drawer.getByText('wang.min 已确认').waitFor();
  await drawer.getByRole('button', { name: '指派给我' }).focus();
  await page.keyboard.press('Enter');
  await drawer.getByText('已指派 wang.min').waitFor();
  await drawer.getByLabel('备注').fill('电源线松了');
  await page.keyboard.press('Enter');
  await drawer.locator('.alarm-life').getByText('电源线松了').waitFor();
  await noFaults(page);
  await drawer.getByLabel('原因').fill('等备件');
  await page.keyboard.press('Enter');
  await drawer.getByRole('button', { name: '取消搁置' }).waitFor();
  await page.keyboard.press('Escape');
  await drawer.waitFor({ state: 'hidden' });
  await row.waitFor({ state: 'detached' });
  await page.getByText('含已搁置').click();
  await row.click();
  await drawer.getByRole('button', { name: '取消搁置' }).click();
  await drawer.getByLabel('原因').waitFor();
  const life = async () =>
    (await drawer.locator('.alarm-life li').allTextContents()).map((line) => line.replace(/^[\d: -]+/, ''));
  await expect
    .poll(life, patience)
    .toEqual([
      '取消搁置 · wang.min',
      '搁置 · wang.min等备件',
      '备注 · wang.min电源线松了',
      '指派 · wang.minwang.min',
      '确认 · wang.min',
      '发生 · 系统',
    ]);
});

test('maintenance is entered in hall time and marks the alarm; history and quality are there', async () => {
  const page = await openConsole();
  await page.goto(`${hall.consoleUrl}/alarms`);
  await page.getByRole('tab', { name: '维护窗口' }).click();
  await page.getByRole('button', { name: '新增维护窗口' }).click();
  const form = page.getByRole('dialog');
  await form.getByLabel('对象').fill('06');
  await page.keyboard.press('Enter');
  expect(await form.getByLabel('开始').inputValue()).toMatch(/^2026-11-23T10:/);
  await form.getByLabel('原因').fill('换屏');
  await noFaults(page);
  await form.getByRole('button', { name: '保存' }).click();
  const entered = page.getByRole('row', { name: /换屏/ });
  await entered.getByText('进行中').waitFor();
  await noFaults(page);
  await page.getByRole('tab', { name: '当前告警' }).click();
  await page.getByText('维护中').waitFor();
  await page.getByRole('tab', { name: '维护窗口' }).click();
  await entered.getByRole('button', { name: /删除/ }).click();
  await page
    .getByRole('tooltip')
    .getByRole('button', { name: /OK|确 ?定/ })
    .click();
  await entered.waitFor({ state: 'detached' });
  await page.getByRole('tab', { name: '历史' }).click();
  await page
    .getByRole('cell', { name: `设备离线 · ${name}` })
    .first()
    .waitFor();
  await noFaults(page);
  await page.getByRole('tab', { name: '告警质量' }).click();
  await page.getByRole('heading', { name: '最多的十项' }).waitFor();
  await page.getByText(/设备离线 · strip-w06 · 发生 \d+ 次/).waitFor();
  await noFaults(page);
});

test('the topology opens by keyboard down to a device, and says what is wrong', async () => {
  const page = await openConsole();
  await page.goto(`${hall.consoleUrl}/topology`);
  const tree = page.getByTestId('topology');
  const device = tree.getByRole('button', { name, exact: true });
  await device.waitFor();
  await noFaults(page);
  const branch = tree.locator('details').filter({ has: page.getByRole('button', { name, exact: true }) });
  const summary = branch.locator('summary').first();
  expect(await summary.textContent()).toMatch(/代理 agent-[ab] · 在线.*台中 1 台不正常/);
  await summary.focus();
  await page.keyboard.press('Enter');
  await device.waitFor({ state: 'hidden' });
  await page.keyboard.press('Enter');
  await device.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').getByText('strip-w06').first().waitFor();
});

test.each(['/alarms', '/topology'])('%s reads in English, and nothing is wider than a telephone', async (path) => {
  const page = await openConsole({ width: 360, height: 720 });
  await page.evaluate(() => localStorage.setItem('hall.language', 'en'));
  await page.goto(`${hall.consoleUrl}${path}`);
  await page
    .getByText(path === '/alarms' ? 'A device is offline' : /1 of \d+ not as they should be/)
    .first()
    .waitFor();
  expect(await page.locator('main').innerText()).not.toMatch(/告警|拓扑|代理/);
  const widest = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(widest).toBeLessThanOrEqual(360);
  await noFaults(page);
});

test('when the strip is back the alarm clears by itself, leaves the overview, and leaves the list once acknowledged', async () => {
  const page = await openConsole();
  hall.stage.strips.get('strip-w06')?.unplug(false);
  await page.getByTestId('alarm-lines').waitFor({ state: 'detached', timeout: 60_000 });
  await page.getByTestId('alarm-badge').waitFor({ state: 'detached' });
  await page.goto(`${hall.consoleUrl}/alarms`);
  const nothing = page.getByText('没有告警。大厅一切正常。');
  await nothing.waitFor();
  expect(await nothing.isVisible()).toBe(true);
});
