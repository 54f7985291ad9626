import { systemClock } from '@hall/contracts';
import { pino } from 'pino';
import { VERSION } from './app.ts';
import { parseConfig } from './config.ts';
import { openApiDocument } from './platform/openapi.ts';
import { openServices } from './services.ts';
import { createWeb } from './web.ts';

/** The OpenAPI document of this release, from its real routes. `data` is an empty folder of its own; nothing listens. */
export async function apiDocument(data: string): Promise<object> {
  const config = parseConfig({ hall: 'main', data, ballastMb: 0, http: { console: data } });
  const clock = systemClock();
  const log = pino({ level: 'silent' });
  const closers: Array<() => Promise<void> | void> = [];
  try {
    const onClose = (closer: () => Promise<void> | void) => void closers.push(closer);
    const parts = await openServices({ config, clock, log, disconnect: () => {}, onClose });
    const http = await createWeb({ config, version: VERSION, clock, log, parts, numbers: () => ({}) });
    onClose(() => http.close());
    return await openApiDocument(http);
  } finally {
    for (const closer of closers.toReversed()) await closer();
  }
}
