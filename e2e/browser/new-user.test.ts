/** The walk of a new user: first administrator, a new agent admitted, a strip found and adopted, by what the screens say alone. */
import { startHall, type RunningHall } from '@hall/proof';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { picture } from './pictures.ts';
import { PASSWORD } from './staged-hall.ts';
import { accessibilityFaults, openChromium, openPage, PATIENCE_MS } from './watched-page.ts';

const patience = { timeout: PATIENCE_MS };
/** Promised at most, from the first look at the console to the right strip. */
const WALK_MS = 180_000;
const STRIP = 'strip-w02';
const asker = { by: 'test', address: '127.0.0.1' };

let hall: RunningHall;
let browser: Browser;
beforeAll(async () => {
  [hall, browser] = await Promise.all([startHall({ windows: 2, signIn: 'by-hand' }), openChromium()]);
  // It hangs over its window and has power, and nobody has told the hall of it.
  await hall.server.services.content.remove(asker, 'devices', STRIP);
});
afterAll(async () => {
  await browser?.close();
  await hall?.close();
});

test('from the one-time code to an adopted strip that shows its window', async () => {
  const port = Number(hall.content.devices.find(({ id }) => id === STRIP)?.settings['port']);
  const agent = hall.agents.get('agent-a');
  const origins = new Set([hall.server.httpUrl, agent?.kioskUrl ?? '']);
  await expect.poll(() => agent?.state().codes?.code, patience).toBeDefined();
  const { page, complaints, close } = await openPage(browser, { origins });
  const began = performance.now();

  // What the server printed when it started.
  await page.goto(hall.server.httpUrl);
  await page.getByLabel('一次性登录码').fill(hall.server.bootstrapCode ?? '');
  await page.getByLabel('用户名').fill('wang.min');
  await page.getByLabel('姓名').fill('王敏');
  await page.getByLabel('密码', { exact: true }).fill(PASSWORD);
  await page.getByLabel('再次输入密码').fill(PASSWORD);
  await picture(page, 'walk-1-first-administrator');
  await page.keyboard.press('Enter');

  await page.getByRole('navigation').getByRole('link', { name: '代理' }).click();
  // What the agent shows on its own screen.
  const code = agent?.state().codes?.code ?? '';
  await page.getByRole('row', { name: new RegExp(code) }).waitFor();
  await picture(page, 'walk-2-new-agent');
  await page.getByRole('button', { name: `登记 ${code}` }).click();
  const admit = page.getByRole('dialog');
  await admit.getByLabel('两个校验码与代理显示的完全一致').check();
  await picture(page, 'walk-3-compare-codes');
  await admit.getByRole('button', { name: '登记' }).click();
  await page
    .getByRole('row', { name: /agent-a/ })
    .getByText('在线')
    .waitFor();

  await page.getByRole('navigation').getByRole('link', { name: '设备' }).click();
  await page.getByRole('link', { name: '发现设备' }).click();
  // All strips of this hall are on one machine, which no /24 of its own is.
  await page.getByText('指定范围', { exact: true }).click();
  await page.getByLabel('地址范围').fill('127.0.0.1');
  await page.getByLabel('端口').fill(String(port));
  await page.getByRole('button', { name: '开始搜索' }).click();
  const found = page.getByTestId(`found-tcp://127.0.0.1:${port}`).first();
  await found.getByText('仰邦 Onbon', { exact: false }).waitFor();
  await picture(page, 'walk-4-found');
  await found.getByRole('button', { name: /^接管/ }).click();
  const adopt = page.getByRole('dialog');
  await adopt.getByLabel('装在哪个窗口').fill('02');
  await page.getByTitle(/^02/).click();
  await picture(page, 'walk-5-adopt');
  await adopt.getByRole('button', { name: '确认接管' }).click();
  await page.getByRole('heading', { name: '02 号窗口屏' }).waitFor();
  await hall.feed.send([hall.feed.event('window.opened', 'made-w02', { window: 'w02' }), hall.feed.called('w02', 'B001')]);
  await expect.poll(() => hall.shown('w02'), patience).toContain('B001');
  expect(performance.now() - began).toBeLessThan(WALK_MS);
  await page.getByRole('region', { name: '状态' }).getByText('B001', { exact: false }).waitFor();
  await picture(page, 'walk-6-adopted');
  expect(await accessibilityFaults(page)).toEqual([]);
  expect(complaints).toEqual([]);
  await close();
});
