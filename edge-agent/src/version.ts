import { readFileSync } from 'node:fs';
import { packageFolder } from './package-folder.ts';

/** Version of the agent package. */
export const VERSION = (JSON.parse(readFileSync(new URL('package.json', packageFolder), 'utf8')) as { version: string }).version;
