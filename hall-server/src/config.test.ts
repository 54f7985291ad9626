import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parseConfig, readConfig } from './config.ts';

test('a hall id is enough', () => {
  expect(parseConfig({ hall: 'demo' })).toEqual({
    hall: 'demo',
    data: './data',
    http: { host: '127.0.0.1', port: 8080, tls: false },
    mqtt: { host: '127.0.0.1', port: 1883 },
    tls: { names: [], agentDays: 90 },
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

test('paths in a file count from its folder, and a file that cannot be read is named', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hall-config-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'server.json');
  const external = { url: 'mqtt://broker', username: 'hall', passwordFile: 'broker.password' };
  writeFileSync(file, JSON.stringify({ hall: 'demo', data: 'data', http: { console: '/srv/console' }, mqtt: { external } }));
  expect(readConfig(file)).toMatchObject({
    data: join(folder, 'data'),
    http: { console: '/srv/console', port: 8080 },
    mqtt: { external: { ...external, passwordFile: join(folder, 'broker.password') } },
  });
  writeFileSync(file, '{"hall":');
  expect(() => readConfig(file)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  expect(() => readConfig(join(folder, 'none.json'))).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
});

test.each([[{ certFile: 'a.pem' }], [{ keyFile: 'a.key' }], [{ caFile: 'ca.pem' }]])(
  'a certificate of your own comes with its key: %j',
  (tls) => {
    expect(() => parseConfig({ hall: 'demo', tls })).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  },
);
