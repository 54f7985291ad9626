/** In a browser: a strip is found and adopted in two decisions, its page opens from its label, its frames can be looked at. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { openStagedHall, PASSWORD, type StagedHall } from './staged-hall.ts';
import { accessibilityFaults, openChromium, openPage, PATIENCE_MS, signIn, type PageOptions } from './watched-page.ts';

const patience = { timeout: PATIENCE_MS };
const asker = { by: 'test', address: '127.0.0.1' };
const STRIP = 'strip-w08';

let hall: StagedHall;
let browser: Browser;
let port = 0;
beforeAll(async () => {
  [hall, browser] = await Promise.all([openStagedHall(), openChromium()]);
  await hall.admit('wang.min', '王敏');
  await vi.waitUntil(() => hall.stage.checker.verdict(STRIP) === 'right', patience);
  const { content, agents } = hall.server.services;
  port = Number(hall.content.devices.find(({ id }) => id === STRIP)?.settings['port']);
  await content.remove(asker, 'devices', STRIP);
  await vi.waitUntil(() => agents.list().every(({ presence }) => presence === 'online'), patience);
  await vi.waitUntil(() => hall.shown('w08').includes('请以窗口叫号为准'), patience);
});
afterAll(async () => {
  await browser?.close();
  await hall?.close();
});

async function open(options: PageOptions = {}): Promise<Page> {
  const { page, complaints, close } = await openPage(browser, hall, options);
  onTestFinished(async () => {
    expect(complaints).toEqual([]);
    await close();
  });
  return page;
}
async function signedIn(path: string, options: PageOptions = {}): Promise<Page> {
  const page = await open(options);
  await signIn(page, hall, 'wang.min', PASSWORD);
  await page.getByTestId('figure-windows').waitFor();
  await page.goto(`${hall.consoleUrl}${path}`);
  return page;
}

test('a search that finds nothing says what to check', async () => {
  const page = await signedIn('/discovery');
  await page.getByText('还没有搜索过').waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);
  await page.getByText('指定范围', { exact: true }).click();
  await page.getByLabel('地址范围').fill('8.8.8.8');
  await page.getByRole('button', { name: '开始搜索' }).click();
  await page.getByText('请填写内网地址范围', { exact: false }).waitFor();
  await page.getByLabel('地址范围').fill('127.0.0.99');
  await page.getByRole('button', { name: '开始搜索' }).click();
  await page.getByText('没有发现新设备').waitFor();
  await page.getByText('网线两端插紧', { exact: false }).waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);
});

test('a strip is found, adopted with its window, and shows it; its page has everything about it', async () => {
  const page = await signedIn('/devices');
  await page.getByRole('link', { name: '发现设备' }).click();
  await page.getByText('指定范围', { exact: true }).click();
  await page.getByLabel('地址范围').fill('127.0.0.1');
  await page.getByLabel('端口').fill(String(port));
  await page.getByRole('button', { name: '开始搜索' }).click();
  const found = page.getByTestId(`found-tcp://127.0.0.1:${port}`).first();
  await found.getByText('仰邦 Onbon', { exact: false }).waitFor();
  await page.getByText('已结束', { exact: false }).first().waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);

  await found.getByRole('button', { name: /^接管/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('装在哪个窗口').fill('08');
  await page.getByTitle(/^08/).click();
  await dialog.getByRole('row', { name: /strip-w08/ }).waitFor();
  await dialog.getByText('控制卡没有报告屏幕尺寸', { exact: false }).waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);
  await dialog.getByRole('button', { name: '确认接管' }).click();

  await page.getByRole('heading', { name: '08 号窗口屏' }).waitFor();
  await vi.waitUntil(() => hall.stage.checker.verdict(STRIP) === 'right', patience);
  await page.getByRole('region', { name: '状态' }).getByText('在线', { exact: false }).first().waitFor();
  await page.getByRole('region', { name: '设备台账' }).getByText('仰邦 Onbon').waitFor();
  await page.getByRole('region', { name: '最近事件' }).getByRole('row').nth(1).waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);
});

test('frames are told on request, with what they say, and end by themselves', async () => {
  const page = await signedIn('/devices/strip-w01');
  const section = page.getByRole('region', { name: '原始报文' });
  await section.getByLabel('时长（秒）').fill('3');
  await section.getByRole('button', { name: '开始记录' }).click();
  await section.getByText('控制卡应答：成功').first().waitFor();
  await section.getByText(/^已结束 · \d+ 帧/).waitFor();
  await section
    .getByText(/^a5 a5 a5/)
    .first()
    .waitFor();
  const [file] = await Promise.all([page.waitForEvent('download'), section.getByRole('button', { name: '下载' }).click()]);
  expect(file.suggestedFilename()).toBe('strip-w01-frames.txt');
  expect(await accessibilityFaults(page)).toEqual([]);
});

describe('the label of a device', () => {
  test('stands alone or on a sheet of all, and is printed without the console around it', async () => {
    const page = await signedIn('/devices/strip-w01');
    await page.getByRole('link', { name: '打印标签' }).click();
    await page
      .getByTestId('label-strip-w01')
      .getByRole('img', { name: /二维码/ })
      .waitFor();
    expect(await page.locator('.label').count()).toBe(1);
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.emulateMedia({ media: 'print' });
    expect(await page.getByRole('navigation').isVisible()).toBe(false);
    expect(await page.getByRole('button', { name: '打印', exact: true }).isVisible()).toBe(false);
    expect(await page.getByTestId('label-strip-w01').isVisible()).toBe(true);
    await page.goto(`${hall.consoleUrl}/labels`);
    await page.getByTestId('label-strip-w01').waitFor();
    expect(await page.locator('.label').count()).toBe(hall.server.services.devices.list().length);
    const pdf = await page.pdf({ preferCSSPageSize: true });
    expect(pdf.subarray(0, 4).toString()).toBe('%PDF');
  });

  test('leads through the sign-in to the page of the device', async () => {
    const page = await open();
    await page.goto(`${hall.consoleUrl}/devices/strip-w02`);
    await page.getByLabel('用户名').fill('wang.min');
    await page.getByLabel('密码', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: '登录', exact: true }).click();
    await page.getByRole('heading', { name: '02号窗口条屏' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/devices/strip-w02');
  });
});

test('the pages fit a telephone', async () => {
  const page = await signedIn('/discovery', { width: 360, height: 740 });
  const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);
  await page.getByRole('heading', { name: '发现设备' }).waitFor();
  expect(await fits()).toBe(true);
  await page.goto(`${hall.consoleUrl}/devices/strip-w01`);
  await page.getByRole('region', { name: '状态' }).waitFor();
  expect(await fits()).toBe(true);
  await page.goto(`${hall.consoleUrl}/labels?devices=strip-w01`);
  await page.getByTestId('label-strip-w01').waitFor();
  expect(await fits()).toBe(true);
});
