import { readFileSync } from 'node:fs';
import { packageFolderOf } from '@hall/runtime';

/** Version of the agent package. */
export const VERSION = (
  JSON.parse(readFileSync(new URL('package.json', packageFolderOf(import.meta.url)), 'utf8')) as { version: string }
).version;
