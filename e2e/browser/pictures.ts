/** Pictures of a walk for the docs: written only where a folder is named, `HALL_PICTURES=docs/screenshots`. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';

const folder = process.env['HALL_PICTURES'];

/** `name`: of the file, without its ending. */
export async function picture(page: Page, name: string): Promise<void> {
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  await page.evaluate('document.fonts.ready');
  await page.screenshot({ path: path.join(folder, `${name}.png`) });
}
