/**
 * Looks at the pretend hall in Chromium: `npx tsx web-console/dev/look.ts <folder> [port]`. Writes pictures of every room in two
 * widths and prints what axe-core finds. Start `mock-server.ts <port> bootstrap` before. Not part of the product.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';

const folder = process.argv[2] ?? '/tmp';
const base = `http://127.0.0.1:${process.argv[3] ?? 8090}`;
const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];

interface Finding {
  id: string;
  impact: string;
  nodes: { html: string; failureSummary: string }[];
}

async function look(page: Page, name: string): Promise<void> {
  await page.evaluate('document.fonts.ready');
  await page.waitForTimeout(350);
  await page.screenshot({ path: join(folder, `${name}.png`) });
  const { violations } = (await page.evaluate(
    `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] })`,
  )) as { violations: Finding[] };
  for (const { id, impact, nodes } of violations) {
    console.log(`${name}: ${id} (${impact}) ×${nodes.length}`);
    for (const node of nodes.slice(0, 3))
      console.log(`   ${node.html.slice(0, 200)}\n   ${node.failureSummary.split('\n').slice(1, 3).join(' ')}`);
  }
  const wide = await page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth');
  if (wide) console.log(`${name}: the page scrolls sideways`);
}

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args });
const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, bypassCSP: true });
await context.addInitScript({ path: axePath });
const page = await context.newPage();
page.on('console', (message) => message.type() === 'error' && console.log(`console: ${message.text()}`));
page.on('pageerror', (error) => console.log(`page error: ${error.message}`));
await page.goto(base);
await page.getByRole('heading').first().waitFor();
if (await page.getByLabel('一次性登录码').count()) {
  await look(page, '01-bootstrap');
  await page.getByLabel('一次性登录码').fill('ABCD-1234');
  await page.getByLabel('用户名').fill('admin');
  await page.getByLabel('姓名').fill('王主任');
  await page.getByLabel('密码', { exact: true }).fill('console-admin');
  await page.getByLabel('再次输入密码').fill('console-admin');
  await page.getByRole('button', { name: '创建并登录' }).click();
}
await page.getByTestId('figure-windows').waitFor();
const pages = [
  ['overview', '/'],
  ['overview-abnormal', '/?abnormal=1'],
  ['drawer', '/?window=w11'],
  ['devices', '/devices'],
  ['hall-windows', '/hall'],
  ['hall-devices', '/hall/devices'],
  ['hall-calendar', '/hall/calendar'],
  ['hall-settings', '/hall/settings'],
  ['events', '/events'],
  ['people', '/people'],
  ['audit', '/audit'],
  ['sessions', '/sessions'],
  ['not-found', '/nowhere'],
] as const;
for (const width of [1440, 360]) {
  await page.setViewportSize({ width, height: width === 360 ? 740 : 900 });
  for (const [name, path] of pages) {
    await page.goto(`${base}${path}`);
    await page.locator('main').waitFor();
    await page.waitForTimeout(600);
    await look(page, `${width}-${name}`);
  }
}
await page.setViewportSize({ width: 1440, height: 900 });
await page.goto(`${base}/?window=w11`);
await page
  .getByRole('button', { name: /查看轨迹/ })
  .first()
  .click();
await page.waitForTimeout(700);
await look(page, 'trace');
await page.goto(base);
await page.getByText('紧凑').click();
await look(page, 'compact');
await page.getByTestId('language').click();
await page.getByText('Pictures').click();
await look(page, 'english');
await page.goto(`${base}/fleet`);
await page.getByRole('button', { name: 'Add agent with password' }).waitFor();
await look(page, 'agents');
await page.getByRole('button', { name: 'Add agent with password' }).click();
await page.getByLabel('Agent id').fill('edge-d');
await page.getByRole('dialog').getByRole('button', { name: 'Add agent with password' }).click();
await page.getByTestId('secret').waitFor();
await look(page, 'agent-secret');
await page.goto(`${base}/hall/devices`);
await page.getByTestId('language').click();
await page.getByRole('button', { name: '编辑 strip-01', exact: true }).click();
await page.waitForTimeout(500);
await look(page, 'device-editor');
await page.goto(`${base}/hall/windows`);
await page.getByRole('button', { name: '导入 CSV' }).click();
await page.getByLabel('或粘贴内容').fill('id,number\nw61,61\nw62,wrong');
await page.getByRole('button', { name: '试运行' }).click();
await page.getByText('处错误').waitFor();
await look(page, 'import');
await page.goto(`${base}/people`);
await page.getByRole('button', { name: '新增人员' }).click();
await look(page, 'person-editor');
await page.goto(base);
await page.getByTestId('figure-windows').waitFor();
await page.request.post(`${base}/dev/feed`);
await page.getByTestId('feed-stale').waitFor();
await look(page, 'feed-stale');
await page.request.post(`${base}/dev/feed`);
await page.request.post(`${base}/dev/cut`);
await page.getByTestId('connection-lost').waitFor();
await look(page, 'connection-lost');
await page.getByTestId('connection-lost').waitFor({ state: 'detached', timeout: 30_000 });
await page.getByTestId('account').click();
await page.waitForTimeout(300);
await look(page, 'account');
await page.getByText('退出登录').click();
await page.getByLabel('用户名').fill('locked');
await page.getByLabel('密码', { exact: true }).fill('x');
await page.getByRole('button', { name: '登录' }).click();
await page.getByRole('alert').waitFor();
await look(page, 'locked');
await browser.close();
