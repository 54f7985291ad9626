import { expect, test } from 'vitest';
import { parseConfig } from './config.ts';

test('a hall id is enough', () => {
  expect(parseConfig({ hall: 'demo' })).toEqual({
    hall: 'demo',
    data: './data',
    http: { host: '127.0.0.1', port: 8080 },
    mqtt: { host: '127.0.0.1', port: 1883 },
    retention: { queueDays: 400, caseDays: 1825, edgeDays: 90, personalDays: 30 },
    ballastMb: 32,
    log: 'info',
  });
});

test.each([
  [{}, '/hall'],
  [{ hall: 'Demo Hall' }, '/hall'],
  [{ hall: 'a', http: { port: '80' } }, '/http/port'],
  [{ hall: 'a', http: { port: 70_000 } }, '/http/port'],
  [{ hall: 'a', httpPort: 80 }, '/httpPort'],
  [{ hall: 'a', mqtt: { external: { url: 'http://x', username: 'u', passwordFile: 'f' } } }, '/mqtt/external/url'],
  [{ hall: 'a', simulation: { speed: 0 } }, '/simulation/speed'],
  [{ hall: 'a', log: 'loud' }, '/log'],
  [7, '/'],
])('%j is refused and names %s', (given, field) => {
  expect(() => parseConfig(given)).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID', details: expect.objectContaining({ field }) }),
  );
});
