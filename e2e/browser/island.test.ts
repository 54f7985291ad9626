/** What the console says of an hour without the server, and of settings that a driver refuses. */
import path from 'node:path';
import { startHall, type RunningHall } from '@hall/proof';
import { createKeyBox } from '@hall/simulators';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { picture } from './pictures.ts';
import { PASSWORD } from './staged-hall.ts';
import { accessibilityFaults, openChromium, openPage, PATIENCE_MS, signIn } from './watched-page.ts';

const AGENT = 'agent-a';
const patience = { timeout: PATIENCE_MS };
let hall: RunningHall;
let browser: Browser;
beforeAll(async () => {
  [hall, browser] = await Promise.all([
    startHall({
      windows: 2,
      agents: [AGENT],
      content: (content) => ({
        ...content,
        settings: { ...content.settings, liveMaxAgeS: 5, safeAfterS: 30 },
        windows: content.windows.map((window) => ({ ...window, services: [content.services[0]?.id ?? ''] })),
      }),
      agentConfig: { island: { afterMs: 1000 }, speech: { voice: 'recording' } },
    }),
    openChromium(),
  ]);
  const code = hall.server.bootstrapCode ?? '';
  await hall.server.services.people.bootstrap.use({ code, name: 'wang.min', display: '王敏', password: PASSWORD }, '127.0.0.1');
});
afterAll(async () => {
  await browser?.close();
  await hall?.close();
});

async function openRoom(room: string, width: number): Promise<Page> {
  const { page, complaints, close } = await openPage(browser, { origins: new Set([hall.server.httpUrl]) }, { width });
  onTestFinished(async () => {
    expect(complaints).toEqual([]);
    await close();
  });
  await signIn(page, { consoleUrl: hall.server.httpUrl }, 'wang.min', PASSWORD);
  await page.getByRole('navigation').waitFor();
  await page.goto(`${hall.server.httpUrl}${room}`);
  return page;
}

test('what was called while the server was away is listed, and where the platform says otherwise is marked', async () => {
  const { feed } = hall;
  const service = hall.content.services[0]?.id ?? '';
  await feed.send([
    ...hall.content.windows.map(({ id }) => feed.event('window.opened', `made-${id}`, { window: id })),
    ...['A001', 'A002'].map((ticket) => feed.event('ticket.issued', ticket, { ticket, service })),
  ]);
  const local = () => hall.agents.get(AGENT)?.state().local;
  await expect.poll(() => local()?.waiting.reduce((sum, { count }) => sum + count, 0), patience).toBe(2);
  await hall.stopServer();
  await expect.poll(() => local()?.phase, patience).toBe('island');
  const file = path.join(hall.folder, AGENT, 'call-port.json');
  for (const [window, ticket] of [
    ['w01', 'A001'],
    ['w02', 'A002'],
  ] as const) {
    expect(await createKeyBox({ file, window }).press('next')).toMatchObject({ status: 200, body: { ticket } });
  }
  await hall.startServer();
  // The platform agrees with one of them and has called the other elsewhere.
  for (const ticket of ['A001', 'A002']) await feed.send(feed.event('ticket.called', ticket, { ticket, window: 'w01' }));
  await expect.poll(() => local()?.phase, patience).toBe('connected');

  for (const width of [1440, 360]) {
    const page = await openRoom('/events', width);
    await page.getByRole('tab', { name: '离线叫号' }).click();
    await page.getByRole('row', { name: /A001.*一致/ }).waitFor();
    await page.getByRole('row', { name: /A002.*他窗已呼.*01/ }).waitFor();
    await page.getByRole('row', { name: new RegExp(`${AGENT}.*已连接`) }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await picture(page, `island-${width}`);
    await page.getByRole('checkbox', { name: /只看冲突.*1 条/ }).check();
    await page.getByRole('row', { name: /A001/ }).waitFor({ state: 'detached' });
    await page.getByRole('row', { name: /A002/ }).waitFor();
  }
});

test('a device whose newest settings its driver refuses says so, and that it goes on as it last worked', async () => {
  const { content } = hall.server.services;
  const before = content.load();
  const port = (device: (typeof before.devices)[number]) => device.settings['port'];
  const strip = before.devices.find(({ id }) => id === 'strip-w01');
  expect(strip && port(strip)).toBeTypeOf('number');
  await content.replace(
    { by: 'test', address: '127.0.0.1' },
    {
      ...before,
      devices: before.devices.map((device) =>
        device.id === 'strip-w01' ? { ...device, settings: { ...device.settings, areaTimeoutS: 5, refreshS: 60 } } : device,
      ),
    },
  );
  for (const width of [1440, 360]) {
    const page = await openRoom('/devices?device=strip-w01', width);
    await page
      .getByRole('dialog')
      .getByText(/版本 \d+ 被拒绝：设备参数不正确；设备按上一个可用版本的参数继续工作/)
      .waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await picture(page, `last-good-${width}`);
  }
  await hall.feed.send(hall.feed.called('w01', 'A009'));
  await expect.poll(() => hall.shown('w01'), patience).toContain('A009');
});
