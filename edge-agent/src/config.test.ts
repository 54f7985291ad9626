import { expect, test } from 'vitest';
import { parseConfig } from './config.ts';

const least = { hall: 'north', agent: 'agent-1', server: { passwordFile: 'password' } };

test('the least configuration gets its defaults', () => {
  expect(parseConfig(least)).toEqual({
    ...least,
    server: { url: 'mqtt://127.0.0.1:1883', passwordFile: 'password' },
    data: 'agent-data',
    kiosk: { host: '127.0.0.1', port: 7080 },
    island: { mode: 'auto', afterMs: 10_000, host: '127.0.0.1', port: 0 },
    speech: { voice: 'none', file: 'speech.jsonl', maxAgeMs: 10_000 },
    log: 'info',
  });
});

test.each([
  [{ ...least, hall: 'North' }, 'hall'],
  [{ ...least, agent: '+' }, 'agent'],
  [{ hall: 'north', agent: 'a' }, 'server.passwordFile'],
  [{ ...least, server: { ...least.server, url: 'http://x' } }, 'server.url'],
  [{ ...least, server: { ...least.server, url: 'mqtt://user@x/y' } }, 'server.url'],
  [{ ...least, kiosk: { port: 70_000 } }, 'kiosk.port'],
  [{ ...least, kiosk: { prot: 1 } }, 'kiosk.prot'],
  [{ ...least, island: { host: '0.0.0.0' } }, 'island.host'],
  [{ ...least, speech: { voice: 'loud' } }, 'speech.voice'],
  [{ ...least, log: 'loud' }, 'log'],
  [{ ...least, extra: 1 }, 'extra'],
  [[], '(root)'],
])('a wrong configuration names its field: %j → %s', (input, field) => {
  expect(() => parseConfig(input)).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID', details: expect.objectContaining({ field }) as unknown }),
  );
});
