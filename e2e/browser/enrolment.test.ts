/** A new agent is admitted as a person does it: two screens, two codes, one id. */
import { startHall, type RunningHall } from '@hall/proof';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { picture } from './pictures.ts';
import { PASSWORD } from './staged-hall.ts';
import { accessibilityFaults, openChromium, openPage, PATIENCE_MS, signIn } from './watched-page.ts';

const patience = { timeout: PATIENCE_MS };
let hall: RunningHall;
let browser: Browser;
beforeAll(async () => {
  [hall, browser] = await Promise.all([startHall({ windows: 2, signIn: 'by-hand' }), openChromium()]);
  const { people } = hall.server.services;
  const code = hall.server.bootstrapCode ?? '';
  await people.bootstrap.use({ code, name: 'wang.min', display: '王敏', password: PASSWORD }, '127.0.0.1');
});
afterAll(async () => {
  await browser?.close();
  await hall?.close();
});
const agent = () => hall.agents.get('agent-a');
const kiosk = () => agent()?.kioskUrl ?? '';
const origins = () => new Set([hall.server.httpUrl, kiosk()]);

/** A page of the console in the room of the agents. */
async function openFleet(width = 1440): Promise<{ page: Page; end: () => Promise<void> }> {
  const { page, complaints, close } = await openPage(browser, { origins: origins() }, { width });
  await signIn(page, { consoleUrl: hall.server.httpUrl }, 'wang.min', PASSWORD);
  await page.getByRole('navigation').getByRole('link', { name: '代理' }).click();
  const end = async () => {
    expect(complaints).toEqual([]);
    await close();
  };
  return { page, end };
}

test('the agent shows its codes, an administrator compares them and gives the id, and the agent drives its strip', async () => {
  const shown = await openPage(browser, { origins: origins() });
  await expect.poll(() => agent()?.state().codes?.code, patience).toBeDefined();
  await shown.page.goto(`${kiosk()}/screen/board-a`);
  const [code, trustCode] = await Promise.all(['#code', '#trust-code'].map((id) => shown.page.locator(id).textContent()));
  expect(code).toMatch(/^\w{4}-\w{4}$/);
  await picture(shown.page, 'admit-1-agent');

  const { page, end } = await openFleet();
  const row = page.getByRole('row', { name: new RegExp(code ?? '') });
  await row.getByText('agent-a').waitFor();
  await row.getByText('127.0.0.1').waitFor();
  await page
    .getByText(trustCode ?? '')
    .first()
    .waitFor();
  await picture(page, 'admit-2-request');
  expect(await accessibilityFaults(page)).toEqual([]);
  await page.getByRole('button', { name: `登记 ${code}` }).click();
  const dialog = page.getByRole('dialog');
  expect(await dialog.getByTestId('enrolment-code').textContent()).toBe(code);
  await dialog.getByText(trustCode ?? '').waitFor();
  // Who has not compared is not let through.
  await dialog.getByRole('button', { name: '登记' }).click();
  await dialog.getByText('请先核对校验码。').waitFor();
  expect(hall.server.services.agents.list()).toEqual([]);
  await dialog.getByLabel('两个校验码与代理显示的完全一致').check();
  await picture(page, 'admit-3-compare');
  expect(await accessibilityFaults(page)).toEqual([]);
  await dialog.getByRole('button', { name: '登记' }).click();
  await dialog.waitFor({ state: 'hidden' });

  const listed = page.getByRole('row', { name: /agent-a/ });
  await listed.getByText('在线').waitFor();
  await listed.getByText(/^\d{4}-\d{2}-\d{2}$/).waitFor();
  await page.getByText('没有等待登记的新代理').waitFor();
  await picture(page, 'admit-4-admitted');
  await hall.feed.send([hall.feed.event('window.opened', 'made-w01', { window: 'w01' }), hall.feed.called('w01', 'A001')]);
  await expect.poll(() => hall.shown('w01'), patience).toContain('A001');
  await shown.close();
  await end();
});

test('new hardware takes the identity over only when that is said, and a revoked agent goes off, on a small screen too', async () => {
  const fresh = await hall.startAgent('agent-a', 'new-hardware');
  await expect.poll(() => fresh.state().codes?.code, patience).toBeDefined();
  const { page, end } = await openFleet(360);
  await page.getByText('替换 agent-a').waitFor();
  await page.getByRole('button', { name: `登记 ${fresh.state().codes?.code}` }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('两个校验码与代理显示的完全一致').check();
  await dialog.getByRole('button', { name: '替换' }).click();
  await dialog.getByText('请确认由这台机器接替。').waitFor();
  await dialog.getByLabel('由这台机器接替 agent-a').check();
  await dialog.getByRole('button', { name: '替换' }).click();
  await dialog.waitFor({ state: 'hidden' });
  await expect.poll(() => fresh.state().uplink, patience).toBe('welcomed');
  expect(agent()?.state().uplink).not.toBe('welcomed');
  // Whoever may do something about it is told in every room.
  await page.getByTestId('security-warning').getByText('代理 agent-a 更换了密钥。').waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);

  await page.getByRole('button', { name: '吊销 agent-a' }).click();
  await page
    .getByRole('tooltip')
    .getByRole('button', { name: /确\s*定/ })
    .click();
  await expect.poll(() => fresh.state().uplink, patience).toBe('offline');
  await page
    .getByRole('row', { name: /agent-a/ })
    .getByText('失联')
    .waitFor();
  await end();
});
