/** Coming in: the first administrator, passwords, locks, and rooms that are not everybody's. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openStagedHall, PASSWORD, type StagedHall } from './staged-hall.ts';
import { openChromium, openPage, signIn, type PageOptions } from './watched-page.ts';

let hall: StagedHall;
let browser: Browser;
beforeAll(async () => {
  [hall, browser] = await Promise.all([openStagedHall(), openChromium()]);
});
afterAll(async () => {
  await browser?.close();
  await hall?.close();
});

/** A page that is closed, and whose complaints are counted, when the test ends. */
async function newPage(options: PageOptions = {}): Promise<Page> {
  const { page, complaints, close } = await openPage(browser, hall, options);
  onTestFinished(async () => {
    await close();
    expect(complaints).toEqual([]);
  });
  return page;
}
const overview = (page: Page) => page.getByTestId('figure-windows');
const roomsOf = (page: Page) => page.getByRole('navigation', { name: '主导航' }).getByRole('link').allTextContents();

test('the first administrator is made with the one-time code, which works once', async () => {
  const page = await newPage({ expected: [/status of 401.*\/bootstrap$/] });
  const code = hall.server.bootstrapCode ?? '';
  await page.goto(hall.consoleUrl);
  await page.getByLabel('一次性登录码').fill('WRNG-C0DE');
  await page.getByLabel('用户名').fill('wang.min');
  await page.getByLabel('姓名').fill('王敏');
  await page.getByLabel('密码', { exact: true }).fill(PASSWORD);
  await page.getByLabel('再次输入密码').fill(PASSWORD);
  await page.getByRole('button', { name: '创建并登录' }).click();
  await page.getByRole('alert').getByText('一次性登录码不正确或已失效').waitFor();

  await page.getByLabel('一次性登录码').fill(code);
  await page.getByRole('button', { name: '创建并登录' }).click();
  await overview(page).waitFor();
  expect(await page.getByTestId('account').textContent()).toContain('王敏');
  expect(await roomsOf(page)).toEqual(['总览', '告警', '设备', '拓扑', '代理', '工单', '大厅资料', '事件', '人员', '审计']);

  const again = await page.request.post(`${hall.consoleUrl}/api/v1/bootstrap`, {
    data: { code, name: 'second', display: '第二人', password: PASSWORD },
  });
  expect([again.status(), await again.json()]).toMatchObject([409, { code: 'BOOTSTRAP_DONE' }]);
  const other = await newPage();
  await other.goto(hall.consoleUrl);
  await other.getByRole('heading', { name: '登录' }).waitFor();
  expect(await other.getByLabel('一次性登录码').count()).toBe(0);
});

describe('with an administrator', () => {
  beforeAll(async () => {
    await hall.admit('li.hua', '李华');
  });

  test('the keyboard alone signs in, opens a window and closes it again', async () => {
    const page = await newPage();
    await page.goto(hall.consoleUrl);
    await page.getByLabel('用户名').waitFor();
    await page.keyboard.type('li.hua');
    await page.keyboard.press('Tab');
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');
    const tile = page.getByTestId('tile-w03').getByRole('button');
    await tile.waitFor();
    // From the top of the page; as many steps as a person would put up with.
    for (let step = 0; step < 40 && !(await tile.evaluate((at) => at === document.activeElement)); step += 1) {
      await page.keyboard.press('Tab');
    }
    expect(await tile.evaluate((at) => at === document.activeElement)).toBe(true);
    await page.keyboard.press('Enter');
    const drawer = page.getByRole('dialog');
    await drawer.getByText('03 号窗口').waitFor();
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'hidden' });
    await expect.poll(() => tile.evaluate((at) => at === document.activeElement)).toBe(true);
  });

  test('five wrong passwords lock the account, even for the right one, and the page says how long', async () => {
    await hall.admit('sun.li', '孙丽', ['operator']);
    const page = await newPage({ expected: [/status of (401|423).*\/sessions$/] });
    await page.goto(hall.consoleUrl);
    await page.getByLabel('用户名').fill('sun.li');
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      await page.getByLabel('密码', { exact: true }).fill(`not the password ${attempt}`);
      const [answer] = await Promise.all([
        page.waitForResponse('**/api/v1/sessions'),
        page.getByRole('button', { name: /登录$/ }).click(),
      ]);
      expect(answer.status()).toBe(401);
      await page.getByRole('alert').getByText('用户名或密码不正确').waitFor();
    }
    await page.getByLabel('密码', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: /登录$/ }).click();
    const alert = page.getByRole('alert');
    await alert.getByText('账号已暂时锁定').waitFor();
    expect(await alert.textContent()).toMatch(/\d+ (秒|分钟)后可以再试/);
  });

  test('a person who was added gets in with the password shown once, and has to change it', async () => {
    const administrator = await newPage();
    await signIn(administrator, hall, 'li.hua', PASSWORD);
    await administrator.getByRole('link', { name: '人员' }).click();
    await administrator.getByRole('button', { name: '新增人员' }).click();
    await administrator.getByLabel('用户名').fill('zhao.lei');
    await administrator.getByLabel('姓名').fill('赵磊');
    await administrator.getByRole('button', { name: '保存' }).click();
    const secret = (await administrator.getByTestId('secret').textContent()) ?? '';
    await administrator.getByRole('button', { name: '完成' }).click();
    await administrator.getByTestId('secret').waitFor({ state: 'hidden' });

    const person = await newPage();
    await signIn(person, hall, 'zhao.lei', secret);
    await person.getByRole('heading', { name: '设置新密码' }).waitFor();
    await person.getByLabel('当前密码').fill(secret);
    await person.getByLabel('新密码', { exact: true }).fill(PASSWORD);
    await person.getByLabel('再次输入密码').fill(PASSWORD);
    await person.getByRole('button', { name: '保存' }).click();
    await overview(person).waitFor();
    expect(await roomsOf(person)).toEqual(['总览', '告警', '设备', '拓扑', '代理', '工单', '大厅资料', '事件']);

    await administrator.getByRole('button', { name: '停用 赵磊' }).click();
    await administrator
      .getByRole('tooltip')
      .getByRole('button', { name: '确 定' })
      .or(administrator.getByRole('tooltip').getByRole('button', { name: '确定' }))
      .click();
    await person.getByText('登录已结束，请重新登录。').waitFor();
  });

  test('who may not see a room finds no way to it, and the server refuses and remembers', async () => {
    await hall.admit('qian.yu', '钱宇', ['staff']);
    const page = await newPage({ expected: [/status of 403/] });
    await signIn(page, hall, 'qian.yu', PASSWORD);
    await overview(page).waitFor();
    expect(await roomsOf(page)).toEqual(['总览']);
    for (const room of ['devices', 'hall', 'events', 'people', 'audit']) {
      await page.goto(`${hall.consoleUrl}/${room}`);
      await page.getByRole('heading', { name: '没有这个页面' }).waitFor();
    }
    const answers = await page.evaluate(() =>
      Promise.all(
        ['halls/a/devices', 'halls/a/content', 'halls/a/events', 'people', 'halls/a/audit'].map(async (path) => {
          const reply = await fetch(`/api/v1/${path}`);
          return `${reply.status} ${((await reply.json()) as { code: string }).code}`;
        }),
      ),
    );
    expect(answers).toEqual(Array.from({ length: 5 }, () => '403 PERMISSION_DENIED'));

    const administrator = await newPage();
    await signIn(administrator, hall, 'li.hua', PASSWORD);
    await administrator.getByRole('link', { name: '审计' }).click();
    await administrator.getByRole('cell', { name: 'qian.yu' }).first().waitFor();
  });
});
