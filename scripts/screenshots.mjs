/**
 * `node scripts/screenshots.mjs [--folder docs/screenshots]`: pictures of the running product for the READMEs. Starts a hall as
 * `npm start` does, on other ports and with data of its own, takes the pictures in Chromium and stops it again.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { crc32, deflateSync } from 'node:zlib';
import { createCanvas, loadImage } from '@napi-rs/canvas';
import { chromium } from 'playwright-core';
import { buildAll } from './lib/builds.mjs';
import { root } from './lib/run.mjs';

const { values } = parseArgs({
  options: { folder: { type: 'string', default: 'docs/screenshots' }, 'port-base': { type: 'string', default: '23000' } },
});
const folder = path.resolve(root, values.folder);
const LARGEST_BYTES = 300 * 1024;
const COLOURS = 256;
const PASSWORD = 'yunzhou-bridge-58';
const VIEW = { width: 1440, height: 900 };

/** Starts a hall; answers the addresses and the one-time code that it prints. */
async function startHall(data) {
  const args = ['scripts/start.mjs', '--skip-setup', '--port-base', values['port-base'], '--data', data];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  const found = {};
  const wanted = { stage: /stage +(http\S+)/, console: /console +(http\S+)/, code: /one-time code[^:]*: *(\S+)/ };
  for await (const line of createInterface({ input: child.stdout })) {
    for (const [name, pattern] of Object.entries(wanted)) {
      const match = pattern.exec(line);
      if (match) found[name] = match[1];
    }
    if (line.includes('Ctrl-C')) break;
  }
  if (Object.keys(found).length < 3) throw new Error('The hall did not start.');
  child.stdout.resume();
  const stop = async () => {
    if (child.exitCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
  return { ...found, stop };
}

/** Divides colours `[value, count]` until there are few enough; those of a box are drawn as their mean. */
function boxesOf(colours) {
  const spread = (box) =>
    [16, 8, 0]
      .map((shift) => {
        const parts = box.map(([value]) => (value >> shift) & 255);
        return { shift, width: Math.max(...parts) - Math.min(...parts) };
      })
      .toSorted((one, other) => other.width - one.width)[0];
  const measured = (box) => {
    const { shift, width } = spread(box);
    const count = box.reduce((sum, [, times]) => sum + times, 0);
    return { box, shift, weight: width * Math.log2(count + 1) };
  };
  const boxes = [measured(colours)];
  while (boxes.length < COLOURS) {
    const [at, widest] = boxes.reduce(
      (best, each, index) => (each.weight > best[1].weight ? [index, each] : best),
      [0, boxes[0]],
    );
    if (widest.weight === 0) break;
    const sorted = widest.box.toSorted(([one], [other]) => ((one >> widest.shift) & 255) - ((other >> widest.shift) & 255));
    const middle = Math.ceil(sorted.length / 2);
    boxes.splice(at, 1, measured(sorted.slice(0, middle)), measured(sorted.slice(middle)));
  }
  return boxes.map(({ box }) => box);
}

/** The same picture as a PNG with a palette: a third of the size. PNG specification, chunks IHDR, PLTE, IDAT, IEND. */
async function withPalette(png) {
  const image = await loadImage(png);
  const { width, height } = image;
  const context = createCanvas(width, height).getContext('2d');
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  const valueAt = (at) => (data[at] << 16) | (data[at + 1] << 8) | data[at + 2];
  const counts = new Map();
  for (let at = 0; at < data.length; at += 4) counts.set(valueAt(at), (counts.get(valueAt(at)) ?? 0) + 1);
  const palette = Buffer.alloc(COLOURS * 3);
  const indexOf = new Map();
  boxesOf([...counts]).forEach((box, index) => {
    const total = box.reduce((sum, [, times]) => sum + times, 0);
    [16, 8, 0].forEach((shift, part) => {
      palette[index * 3 + part] = Math.round(
        box.reduce((sum, [value, times]) => sum + ((value >> shift) & 255) * times, 0) / total,
      );
    });
    for (const [value] of box) indexOf.set(value, index);
  });
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) rows[y * (width + 1) + 1 + x] = indexOf.get(valueAt((y * width + x) * 4));
  }
  const chunk = (name, body) => {
    const named = Buffer.concat([Buffer.from(name, 'latin1'), body]);
    const whole = Buffer.alloc(named.length + 8);
    whole.writeUInt32BE(body.length);
    named.copy(whole, 4);
    whole.writeUInt32BE(crc32(named), named.length + 4);
    return whole;
  };
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 3, 0, 0, 0]);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  const body = deflateSync(rows, { level: 9 });
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('PLTE', palette),
    chunk('IDAT', body),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Waits for fonts and pictures, then writes the picture. */
async function take(page, name) {
  await page.mouse.move(0, 0);
  await page.evaluate(() => document.fonts.ready);
  await page.waitForFunction(() => [...document.images].every((image) => image.complete));
  const png = await withPalette(await page.screenshot({ animations: 'disabled' }));
  if (png.length > LARGEST_BYTES) throw new Error(`${name}.png has ${png.length} bytes.`);
  writeFileSync(path.join(folder, `${name}.png`), png);
  console.log(`${name}.png ${Math.round(png.length / 1024)} KB`);
}

/** The start is over: every strip is right, and for most of the time it was. */
const settled = (page) =>
  page.waitForFunction(
    () =>
      document.querySelectorAll('.strip[data-verdict="right"]').length === 60 &&
      [...document.querySelectorAll('.figure[data-verdict="right"] .share')].some(
        ({ textContent }) => parseFloat(textContent) > 97,
      ),
    undefined,
    { timeout: 300_000 },
  );

async function takeStage(browser, hall) {
  const context = await browser.newContext({ viewport: VIEW, locale: 'zh-CN' });
  const page = await context.newPage();
  await page.goto(hall.stage);
  await settled(page);
  await page.frameLocator('iframe').locator('#board[data-kind=queue]').waitFor();
  await page.getByTestId('take').click();
  await page.getByTestId('call').click();
  const trace = page.getByTestId('trace');
  await trace.getByRole('row', { name: /^条屏应答.*\d ms/ }).waitFor();
  await take(page, 'stage-trace');
  await trace.getByRole('button', { name: '返回大屏' }).click();
  await take(page, 'stage.zh');
  await page.locator('#language').click();
  await take(page, 'stage.en');
  const board = await page.locator('iframe').getAttribute('src');
  await page.setViewportSize({ width: 1440, height: 810 });
  await page.goto(board);
  await page.locator('#board[data-kind=queue] .calls li').nth(4).waitFor();
  await page.waitForFunction(() => document.querySelector('#clock').textContent !== '');
  await take(page, 'board');
  await context.close();
}

async function takeConsole(browser, hall) {
  const context = await browser.newContext({ viewport: VIEW, locale: 'zh-CN' });
  const page = await context.newPage();
  await page.goto(hall.console);
  await page.getByLabel('一次性登录码').fill(hall.code);
  await page.getByLabel('用户名').fill('wang.min');
  await page.getByLabel('姓名').fill('王敏');
  await page.getByLabel('密码', { exact: true }).fill(PASSWORD);
  await page.getByLabel('再次输入密码').fill(PASSWORD);
  await page.getByRole('button', { name: '创建并登录' }).click();
  await page.getByTestId('tile-w60').waitFor();
  await page.waitForFunction(() => document.querySelectorAll('.tile canvas.strip').length >= 55);
  await take(page, 'console-overview.zh');
  await page.getByTestId('language').click();
  await page.getByRole('link', { name: 'Overview' }).waitFor();
  await take(page, 'console-overview.en');
  await page.getByTestId('language').click();

  const serving = page.locator('.tile.serving:has(.strip[role=img])').first();
  await serving.getByRole('button').click();
  const drawer = page.getByRole('dialog');
  await drawer
    .getByRole('button', { name: /查看轨迹 呼叫/ })
    .first()
    .click();
  await drawer.getByText(/从收到到应答共/).waitFor();
  await take(page, 'console-window');
  const rooms = [
    ['devices', '设备', (at) => at.getByRole('row', { name: /strip-w01/ })],
    ['hall', '大厅资料', (at) => at.getByRole('row', { name: /w01/ })],
    ['events', '事件', (at) => at.getByRole('row', { name: /呼叫/ }).first()],
  ];
  for (const [name, word, ready] of rooms) {
    await page.goto(`${hall.console}${name}`);
    await page.getByRole('heading', { name: word }).first().waitFor();
    await ready(page).waitFor();
    await take(page, `console-${name}`);
  }
  await context.close();

  const other = await browser.newContext({ viewport: VIEW, locale: 'zh-CN' });
  const entry = await other.newPage();
  await entry.goto(hall.console);
  await entry.getByLabel('用户名').fill('wang.min');
  await entry.getByLabel('密码', { exact: true }).fill(PASSWORD);
  await take(entry, 'signin');
  await other.close();
}

mkdirSync(folder, { recursive: true });
const data = mkdtempSync(path.join(tmpdir(), 'hall-pictures-'));
let hall;
let browser;
try {
  await buildAll();
  hall = await startHall(data);
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  });
  await takeStage(browser, hall);
  await takeConsole(browser, hall);
} finally {
  await browser?.close();
  await hall?.stop();
  rmSync(data, { recursive: true, force: true });
}
