/** An administrator uploads a bundle and updates an agent from it. */
import { startHall, type RunningHall } from '@hall/proof';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PASSWORD } from './staged-hall.ts';
import { accessibilityFaults, openChromium, openPage, PATIENCE_MS, signIn } from './watched-page.ts';

let hall: RunningHall;
let browser: Browser;
beforeAll(async () => {
  [hall, browser] = await Promise.all([startHall({ windows: 1 }), openChromium()]);
  const code = hall.server.bootstrapCode ?? '';
  await hall.server.services.people.bootstrap.use({ code, name: 'wang.min', display: '王敏', password: PASSWORD }, '127.0.0.1');
});
afterAll(async () => {
  await browser?.close();
  await hall?.close();
});

test.each([1440, 360])('upload, choose the agent, update, delete; %d px wide', async (width) => {
  const files = [{ path: 'bundle/main.js', size: 3, sha256: '0'.repeat(64), mode: 0o644 }];
  const version = `2.0.${width}`;
  const manifest = JSON.stringify({ version, schema: 4, created: 1, needs: {}, files });
  const buffer = Buffer.from(`hall-agent-bundle 1\n${manifest.length} SHA256:k ${'A'.repeat(86)}\n${manifest}abc`);
  const { page, complaints, close } = await openPage(browser, { origins: new Set([hall.server.httpUrl]) }, { width: 1440 });
  await signIn(page, { consoleUrl: hall.server.httpUrl }, 'wang.min', PASSWORD);
  await page.getByRole('navigation').getByRole('link', { name: '代理' }).click();
  await page.setViewportSize({ width, height: 900 });
  const panel = page.getByRole('region', { name: '代理更新包' });
  await panel
    .getByLabel('上传更新包')
    .first()
    .setInputFiles({ name: 'agent.bundle', mimeType: 'application/octet-stream', buffer });
  const row = panel.getByRole('row', { name: new RegExp(version) });
  await row.waitFor();
  await panel.getByRole('combobox', { name: '要更新的代理' }).click();
  await page.getByTitle(/^agent-a/).click();
  expect(await accessibilityFaults(page)).toEqual([]);
  await row.getByRole('button', { name: `更新到此版本 ${version}` }).click();
  await page.getByRole('button', { name: /执\s*行/ }).click();
  // This agent runs inside another process, where nobody could start its successor.
  await expect
    .poll(() => hall.server.services.commands.list({ agent: 'agent-a', limit: 5 })[0], { timeout: PATIENCE_MS })
    .toMatchObject({ act: 'update', end: { outcome: 'refused', code: 'ACT_UNSUPPORTED' } });
  await row.getByRole('button', { name: `删除 ${version}` }).click();
  await page.getByRole('tooltip').getByRole('button').last().click();
  await row.waitFor({ state: 'detached' });
  expect(complaints).toEqual([]);
  await close();
});
