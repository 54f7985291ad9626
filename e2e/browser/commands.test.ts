/** Commands in the console: a strip shows its name and goes back by itself, and many are commanded with the progress of each. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { openStagedHall, PASSWORD, type StagedHall } from './staged-hall.ts';
import { openChromium, openPage, PATIENCE_MS, signIn, type PageOptions } from './watched-page.ts';

let hall: StagedHall;
let browser: Browser;
const patience = { timeout: PATIENCE_MS };
beforeAll(async () => {
  [hall, browser] = await Promise.all([openStagedHall(), openChromium()]);
  await hall.admit('wang.min', '王敏');
  await hall.admit('li.hua', '李华', ['auditor']);
  await vi.waitUntil(() => hall.stage.checker.verdict('strip-w01') === 'right', patience);
});
afterAll(async () => {
  await browser?.close();
  await hall?.close();
});

async function openDevices(name: string, search = '', options: PageOptions = {}): Promise<Page> {
  const { page, complaints, close } = await openPage(browser, hall, options);
  onTestFinished(async () => {
    expect(complaints).toEqual([]);
    await close();
  });
  await signIn(page, hall, name, PASSWORD);
  await page.getByRole('navigation').waitFor();
  await page.goto(`${hall.consoleUrl}/devices${search}`);
  await page.getByRole('heading', { name: '设备', level: 1 }).waitFor();
  return page;
}
const card = (strip: string) => hall.stage.strips.get(strip)?.simulator;

test('a strip is asked for its name: it shows it, says until when, and goes back by itself', async () => {
  const page = await openDevices('wang.min', '?device=strip-w03');
  const drawer = page.getByRole('dialog');
  const panel = drawer.getByRole('region', { name: '命令' });
  const before = hall.shown('w03');
  await panel.getByRole('button', { name: '识别' }).click();
  await page.getByText(/期间看不到叫号/).waitFor();
  expect(hall.shown('w03')).toBe(before);
  await page.getByRole('button', { name: /执\s?行/ }).click();
  await panel.getByTestId('command-identify').getByText('已执行 · 已应答').waitFor();
  await drawer.getByText('正在显示名称').waitFor();
  await drawer.getByText(/自动恢复/).waitFor();
  expect(hall.shown('w03')).not.toBe(before);
  await drawer.getByText('正在显示名称').waitFor({ state: 'detached' });
  await expect.poll(() => hall.shown('w03'), patience).toContain(before.split(' ')[0]);
  await expect.poll(() => card('strip-w03')?.state.on, patience).toBe(true);
});

test('many are darkened at once; the one that is away is named, the rest is taken back', async () => {
  hall.stage.strips.get('strip-w05')?.unplug(true);
  onTestFinished(() => hall.stage.strips.get('strip-w05')?.unplug(false));
  const page = await openDevices('wang.min');
  for (const window of ['04', '05']) await page.getByRole('checkbox', { name: new RegExp(`选择 ${window}`) }).check();
  await page.getByRole('button', { name: /批量命令/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('radio', { name: '黑屏', exact: true }).check();
  await dialog.getByRole('button', { name: '开始执行' }).click();
  await page
    .getByRole('button', { name: /执\s?行$/ })
    .last()
    .click();
  const progress = dialog.getByTestId('batch-progress');
  await progress.getByRole('status').getByText('1/2 已执行').waitFor();
  expect(card('strip-w04')?.state.on).toBe(false);
  await dialog.getByRole('button', { name: /停\s?止/ }).click();
  await progress
    .getByRole('status')
    .getByText(/未执行：.*05/)
    .waitFor();
  await dialog.getByRole('button', { name: '全部恢复' }).click();
  await page
    .getByRole('button', { name: /执\s?行$/ })
    .last()
    .click();
  await progress.getByRole('status').getByText('1/1 已执行').waitFor();
  await expect.poll(() => card('strip-w04')?.state.on, patience).toBe(true);
});

test('whoever may only look sees the difference but no commands', async () => {
  const page = await openDevices('li.hua', '?device=strip-w02');
  const drawer = page.getByRole('dialog');
  await drawer.getByText('应有版本').waitFor();
  expect(await drawer.getByRole('region', { name: '命令' }).count()).toBe(0);
  expect(await page.getByRole('checkbox', { name: /选择/ }).count()).toBe(0);
});
