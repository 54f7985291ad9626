import { expect, test } from 'vitest';
import { asksToBeAdmitted, parseConfig } from './config.ts';

const least = { hall: 'north', agent: 'agent-1', server: { passwordFile: 'password' } };

test('the least configuration gets its defaults', () => {
  expect(parseConfig(least)).toEqual({
    ...least,
    server: { url: 'mqtt://127.0.0.1:1883', passwordFile: 'password' },
    data: 'agent-data',
    kiosk: { host: '127.0.0.1', port: 7080 },
    island: { mode: 'auto', afterMs: 10_000, host: '127.0.0.1', port: 0 },
    speech: { voice: 'none', file: 'speech.jsonl', maxAgeMs: 10_000 },
    updates: { bytesPerS: 1_000_000 },
    log: 'info',
  });
});

test.each([
  [{ ...least, hall: 'North' }, 'hall'],
  [{ ...least, agent: '+' }, 'agent'],
  [{ hall: 'north', agent: 'a' }, 'server.passwordFile'],
  [{ hall: 'north', server: { passwordFile: 'p' } }, 'agent'],
  [{ hall: 'north', server: { url: 'mqtts://x' } }, 'agent'],
  [{ hall: 'north', server: { url: 'http://x', caFingerprint: 'abc' } }, 'server.caFingerprint'],
  [{ hall: 'north', server: { url: 'http://x', mqttUrl: 'mqtt://x' } }, 'server.mqttUrl'],
  [{ ...least, server: { ...least.server, url: 'ftp://x' } }, 'server.url'],
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

test.each(['http://10.0.0.2:8080', 'https://hall.example'])('hall and server are enough for an agent that asks: %s', (url) => {
  expect(asksToBeAdmitted(parseConfig({ hall: 'north', server: { url } }))).toBe(true);
  expect(asksToBeAdmitted(parseConfig(least))).toBe(false);
});
