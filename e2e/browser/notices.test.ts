/** Notices, history and work orders in a browser: set up by hand, tried, and used. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { openStagedHall, PASSWORD, type StagedHall } from './staged-hall.ts';
import { accessibilityFaults, openChromium, openPage, PATIENCE_MS, signIn } from './watched-page.ts';

let hall: StagedHall;
let browser: Browser;
let robot: Server;
const heard: Array<{ url: string; body: string }> = [];
beforeAll(async () => {
  robot = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => void (body += part.toString()));
    request.on('end', () => {
      heard.push({ url: request.url ?? '', body });
      response.end('{"errcode":0,"errmsg":"ok"}');
    });
  }).listen(0, '127.0.0.1');
  [hall, browser] = await Promise.all([openStagedHall(), openChromium(), once(robot, 'listening')]);
  await hall.admit('wang.min', '王敏');
  await vi.waitUntil(() => hall.stage.checker.verdict('strip-w01') === 'right', { timeout: PATIENCE_MS });
});
afterAll(async () => {
  await browser?.close();
  await hall?.close();
  robot?.close();
});

async function enter(width = 1440): Promise<Page> {
  const { page, complaints, close } = await openPage(browser, hall, { width });
  onTestFinished(async () => {
    expect(complaints).toEqual([]);
    await close();
  });
  await signIn(page, hall, 'wang.min', PASSWORD);
  await page.getByTestId('figure-windows').waitFor();
  return page;
}

test('a robot is set up, tried, and tells of an alarm; its key is never seen again, and the bell counts', async () => {
  const page = await enter();
  const { port } = robot.address() as AddressInfo;
  await page.goto(`${hall.consoleUrl}/hall/notices`);
  await page.getByRole('button', { name: '新增渠道' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('编号').fill('group');
  await dialog.getByLabel('名称').fill('值班群');
  await dialog.getByLabel('地址', { exact: true }).fill(`http://127.0.0.1:${port}/send?key=topsecretkey`);
  expect(await accessibilityFaults(page)).toEqual([]);
  await dialog.getByRole('button', { name: '保存' }).click();
  await page
    .getByRole('row', { name: /值班群/ })
    .first()
    .waitFor();
  await page.getByRole('button', { name: '测试 值班群' }).click();
  await dialog.getByRole('button', { name: '发送测试' }).click();
  await dialog.getByText(/已发送，用时/).waitFor();
  expect(heard[0]).toMatchObject({ url: '/send?key=topsecretkey', body: expect.stringContaining('测试') });
  await dialog.getByRole('button', { name: /close|关闭/i }).click();
  await page.getByRole('button', { name: '编辑 值班群' }).click();
  await dialog.getByLabel('地址', { exact: true }).waitFor();
  expect(await page.content()).not.toContain('topsecretkey');
  await dialog.getByRole('button', { name: '取消' }).click();

  await page.getByRole('button', { name: '新增步骤' }).click();
  await dialog.getByLabel('通知渠道').click();
  await page.getByTitle('值班群').click();
  await dialog.getByRole('button', { name: '保存' }).click();
  await page.getByRole('row', { name: /立即.*值班群/ }).waitFor();
  await hall.server.services.notices.tell([
    {
      happened: 'raised',
      key: 'strip-w02/offline',
      type: 'offline',
      device: 'strip-w02',
      title: { zh: '02 号窗口屏不在线', en: 'Strip 02 is offline' },
      firstStep: { zh: '检查电源', en: 'Check power' },
      visitorsSee: { zh: '请以窗口叫号为准', en: 'The neutral text' },
      priority: 1,
      sinceMs: Date.now(),
      acknowledged: false,
      folded: 0,
    },
  ]);
  await page.getByRole('row', { name: /02 号窗口屏不在线.*值班群.*已发/ }).waitFor();
  await page.getByRole('button', { name: '通知，1 条未看' }).click();
  await page.getByText('检查电源').waitFor();
}, 120_000);

test('a device shows its history as a graph with a table beside it, and becomes a work order; uptime is reported', async () => {
  const page = await enter(360);
  await page.goto(`${hall.consoleUrl}/devices`);
  await page
    .getByRole('button', { name: /02号窗口条屏/ })
    .first()
    .click();
  const drawer = page.getByRole('dialog');
  await drawer.getByRole('heading', { name: '历史' }).waitFor();
  await drawer.getByRole('img', { name: /的变化图/ }).waitFor({ timeout: 40_000 });
  await drawer.getByText('显示数据表').click();
  await drawer
    .getByRole('cell', { name: /^\d{4}-/ })
    .first()
    .waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);
  await drawer.getByRole('button', { name: '开工单' }).click();
  const order = page.getByRole('dialog', { name: '新增工单' });
  await order.getByLabel('负责人').fill('李工');
  await order.getByRole('button', { name: '保存' }).click();
  await order.waitFor({ state: 'detached' });
  await page.goto(`${hall.consoleUrl}/work-orders`);
  await page.getByRole('button', { name: /02号窗口条屏/ }).click();
  const work = page.getByRole('dialog', { name: /工单 1/ });
  await work.getByLabel('状态').click();
  await page.getByTitle('已完成').click();
  await work.getByLabel('备注').fill('换了网线');
  await work.getByRole('button', { name: '保存' }).click();
  await page.getByText('没有工单').waitFor();
  await page.getByRole('row', { name: /onbon-k/ }).waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);
  await page.goto(`${hall.consoleUrl}/devices`);
  await page.getByRole('tab', { name: '正常率' }).click();
  await page.getByRole('row', { name: /%/ }).first().waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
}, 150_000);
