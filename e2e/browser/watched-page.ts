/** Chromium, with every page watched: whom it asks, and what it complains about. */
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';
import type { StagedHall } from './staged-hall.ts';

/** Debian's; a container has no user namespaces, and the browser itself must ask nobody either. */
const CHROMIUM = '/usr/bin/chromium';
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** What a condition may take on a busy machine, ms. */
export const PATIENCE_MS = 20_000;

export const openChromium = (): Promise<Browser> => chromium.launch({ executablePath: CHROMIUM, args: ARGS });

export interface WatchedPage {
  readonly page: Page;
  /** Requests to others than the hall, errors of scripts and of the content security policy; good is empty. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

export interface PageOptions {
  readonly width?: number;
  readonly height?: number;
  /** Answers that the test provokes, as `status path`, and lines of the console to pass over. */
  readonly expected?: readonly RegExp[];
}

/** A page of a browser of its own, as another person would have it. */
export async function openPage(
  browser: Browser,
  hall: Pick<StagedHall, 'origins'>,
  options: PageOptions = {},
): Promise<WatchedPage> {
  const { width = 1440, height = 900, expected = [] } = options;
  const context = await browser.newContext({ viewport: { width, height }, locale: 'zh-CN', reducedMotion: 'reduce' });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const complaints: string[] = [];
  const complain = (text: string) => {
    if (!expected.some((pattern) => pattern.test(text))) complaints.push(text);
  };
  const look = (url: string) => {
    const { protocol, origin } = new URL(url.replace(/^ws/, 'http'));
    if (/^https?:$/.test(protocol) && !hall.origins.has(origin)) complain(`request to ${url}`);
  };
  context.on('request', (request) => look(request.url()));
  page.on('websocket', (socket) => look(socket.url()));
  page.on('pageerror', (error) => complain(`script: ${error.message}`));
  page.on('console', (message) => {
    const { url } = message.location();
    // A page learns that nobody is signed in by asking.
    if (/status of 401/.test(message.text()) && url.endsWith('/api/v1/me')) return;
    if (message.type() === 'error') complain(`console: ${message.text()} ${url}`);
  });
  return { page, complaints, close: () => context.close() };
}

/** Signs in on the console's own page. */
export async function signIn(page: Page, hall: Pick<StagedHall, 'consoleUrl'>, name: string, password: string): Promise<void> {
  await page.goto(hall.consoleUrl);
  await page.getByLabel('用户名').fill(name);
  await page.getByLabel('密码', { exact: true }).fill(password);
  await page.getByRole('button', { name: '登录', exact: true }).click();
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** What axe-core finds against WCAG 2.1 A and AA, one line each; good is empty. */
export async function accessibilityFaults(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe);
  const { violations } = (await page.evaluate(
    `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'], resultTypes: ['violations'] })`,
  )) as { readonly violations: readonly Violation[] };
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary.replaceAll(/\s+/g, ' ')}`),
  );
}
