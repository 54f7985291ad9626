import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@hall/contracts';
import { expect, onTestFinished, test } from 'vitest';
import { openKeys } from '../keys.ts';
import { DAY_MS, openAuthority, ownNames, renewalAt } from './authority.ts';
import { factsOf, readRequest } from './x509.ts';

const START = systemClock().wall.nowMs();

async function open(data = mkdtempSync(join(tmpdir(), 'hall-ca-')), days = 0) {
  onTestFinished(() => rmSync(data, { recursive: true, force: true }));
  const { master } = openKeys(data);
  const authority = await openAuthority({ data, master, hall: 'demo', wall: { nowMs: () => START + days * DAY_MS } });
  return { data, authority };
}

test('it is made once, its keys are sealed and only for the server, and what it signed is good after a restart', async () => {
  const { data, authority } = await open();
  const names = [...ownNames(), 'hall.example', 'fd00::7'];
  const server = await authority.serverIdentity(names);
  expect(factsOf(server.certificate).names).toEqual(expect.arrayContaining(['127.0.0.1', '::1', 'localhost', 'fd00::7']));
  const again = (await open(data)).authority;
  expect(again.certificate).toBe(authority.certificate);
  expect(await again.serverIdentity(names)).toEqual(server);
  for (const name of readdirSync(join(data, 'keys'))) {
    expect(statSync(join(data, 'keys', name)).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(data, 'keys', name), 'latin1')).not.toContain('PRIVATE KEY');
  }
});

test("the server's certificate is another after two thirds of its life, and for another name", async () => {
  const { data, authority } = await open();
  const first = await authority.serverIdentity(['127.0.0.1']);
  const { from, until } = factsOf(first.certificate);
  expect(renewalAt({ from, until })).toBeLessThan(START + 61 * DAY_MS);
  expect(await (await open(data, 58)).authority.serverIdentity(['127.0.0.1'])).toEqual(first);
  const second = await (await open(data, 62)).authority.serverIdentity(['127.0.0.1']);
  expect(second.certificate).not.toBe(first.certificate);
  expect(second.key).not.toBe(first.key);
  const third = await (await open(data, 62)).authority.serverIdentity(['127.0.0.1', 'hall.example']);
  expect(factsOf(third.certificate).names).toEqual(['127.0.0.1', 'hall.example']);
});

test('what was revoked is known to whoever opens it next, and to whoever looks again', async () => {
  const { data, authority } = await open();
  const other = (await open(data)).authority;
  authority.revoke(['ab'.repeat(32), 'ab'.repeat(32)]);
  expect(other.revoked.size).toBe(0);
  other.rereadRevoked();
  expect([...other.revoked]).toEqual(['ab'.repeat(32)]);
  expect([...(await open(data)).authority.revoked]).toEqual(['ab'.repeat(32)]);
  expect(readFileSync(join(data, 'ca', 'revoked'), 'utf8')).toBe(`${'ab'.repeat(32)}\n`);
});

test.each(['', 'x', '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----'])(
  'a text that is no request is none: %j',
  async (text) => {
    expect(await readRequest(text)).toBeUndefined();
  },
);
