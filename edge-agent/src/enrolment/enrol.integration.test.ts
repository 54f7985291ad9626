/** The walk of an agent against a server that is played here: what it believes, and what it keeps. */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemClock, type EnrolmentRequest } from '@hall/contracts';
import { shortCode } from '@hall/runtime';
import * as x509 from '@peculiar/x509';
import { pino } from 'pino';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Codes } from './enrol.ts';
import { certificateFingerprint, identityFiles, renewalAt } from './identity.ts';
import { fingerprintOf } from './keys.ts';
import { createServerAddresses, resolveName, type Resolve } from '../uplink/server-address.ts';
import { startMember } from './member.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const FROM = new Date('2026-01-01');
const UNTIL = new Date('2126-01-01');

/** A server that admits at once whoever asks, as `edge-1` unless told otherwise. */
async function playServer({ name = 'edge-1', otherTrust = false } = {}) {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const signed = (cn: string, publicKey: webcrypto.CryptoKey) =>
    x509.X509CertificateGenerator.create({
      serialNumber: '01',
      subject: `CN=${cn}`,
      issuer: 'CN=ca',
      notBefore: FROM,
      notAfter: UNTIL,
      publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: ALGORITHM,
    });
  const trust = (await signed('ca', keys.publicKey)).toString('pem');
  const another = (await signed('other', keys.publicKey)).toString('pem');
  const asked: EnrolmentRequest[] = [];
  const server = createServer((request, response) => {
    const answer = async () => {
      let text = '';
      for await (const chunk of request) text += String(chunk);
      if (!request.url?.endsWith('/answer')) {
        asked.push(JSON.parse(text) as EnrolmentRequest);
        const ticket = { id: '6f9619ff-8b86-4d01-b42d-00c04fc964ff', code: '0000-0000', trust, trustCode: '0000-0000' };
        return { ...ticket, nonce: 'n'.repeat(24) };
      }
      const csr = new x509.Pkcs10CertificateRequest(asked.at(-1)?.csr ?? '');
      const publicKey = await csr.publicKey.export();
      const certificate = (await signed(name, publicKey as webcrypto.CryptoKey)).toString('pem');
      return { state: 'admitted', agent: 'edge-1', certificate, trust: otherTrust ? another : trust, broker: { port: 8883 } };
    };
    void answer().then((body) => response.end(JSON.stringify(body)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, trust, asked };
}

function member(url: string, caFingerprint?: string, resolve: Resolve = resolveName) {
  const data = mkdtempSync(path.join(tmpdir(), 'agent-enrol-'));
  onTestFinished(() => rmSync(data, { recursive: true, force: true }));
  const codes: (Codes | undefined)[] = [];
  const onIdentity = vi.fn<() => void>();
  const onRenewed = vi.fn<() => void>();
  const files = identityFiles(data);
  const options = { hall: 'a', url, files, caFingerprint, onCodes: (each: Codes | undefined) => void codes.push(each) };
  const [clock, log] = [systemClock(), pino({ level: 'silent' })];
  const addresses = createServerAddresses({ remembered: {}, resolve, save: async () => {} }, clock, log);
  const deps = { clock, log, random: () => 0, addresses };
  const started = startMember({ ...options, onIdentity, onRenewed }, deps);
  onTestFinished(() => started.close());
  return { started, codes, onIdentity, onRenewed, files, data };
}

test('a server behind a name is found, as soon as the name can be resolved', async () => {
  const { url } = await playServer();
  const named = new URL(url);
  named.hostname = 'hall.invalid';
  let asked = 0;
  const { onIdentity } = member(named.href, undefined, async () => {
    asked += 1;
    return asked < 3 ? Promise.reject(new Error('EAI_AGAIN')) : ['127.0.0.1'];
  });
  await vi.waitFor(() => expect(onIdentity).toHaveBeenCalledOnce(), { timeout: 30_000 });
});

test('it shows codes that it made itself, keeps what it was given for itself alone, and has the same key after a restart', async () => {
  const { url, trust } = await playServer();
  const { codes, onIdentity, files, data, started } = member(url);
  await vi.waitFor(() => expect(onIdentity).toHaveBeenCalledOnce(), { timeout: 10_000 });
  const identity = files.read();
  expect(identity).toMatchObject({ agent: 'edge-1', trust, broker: { port: 8883 } });
  // Whatever the server said of codes: a person compares what this machine knows.
  const code = await shortCode(fingerprintOf(identity?.key ?? ''));
  expect(codes).toEqual([{ code, trustCode: await shortCode(certificateFingerprint(trust)) }, undefined]);
  expect(statSync(path.join(data, 'identity.json')).mode & 0o777).toBe(0o600);
  expect(files.nextKey()).toBeUndefined();
  expect(started.credentials(0)).toEqual({ key: identity?.key, cert: identity?.certificate, ca: trust });
});

test('the next key is signed for by the one before, and the one before is kept for a server that was put back', async () => {
  const { url, asked } = await playServer();
  const { started, onIdentity, onRenewed, files } = member(url);
  await vi.waitFor(() => expect(onIdentity).toHaveBeenCalledOnce(), { timeout: 10_000 });
  const before = files.read();
  await started.renew();
  expect(onRenewed).toHaveBeenCalledOnce();
  expect(asked.at(-1)).toMatchObject({ keyOf: 'edge-1', signature: expect.any(String) as string });
  const now = files.read();
  expect(now?.key).not.toBe(before?.key);
  const own = { key: now?.key, cert: now?.certificate };
  const old = { key: before?.key, cert: before?.certificate };
  expect([0, 1, 2, 3].map((refusals) => started.credentials(refusals))).toMatchObject([own, old, own, old]);
});

test.each([
  ['another authority than the one that was pinned', {}, 'ab'.repeat(32)],
  ['another authority than the one whose code was shown', { otherTrust: true }, undefined],
  ['a certificate for another agent', { name: 'edge-2' }, undefined],
])('%s is not taken', async (_, options, pin) => {
  const { url, asked } = await playServer(options);
  const { onIdentity, files, codes } = member(url, pin);
  await vi.waitFor(() => expect(asked.length).toBeGreaterThanOrEqual(2), { timeout: 20_000 });
  expect(onIdentity).not.toHaveBeenCalled();
  expect(files.read()).toBeUndefined();
  // Of what was pinned otherwise nothing is even shown.
  expect(codes.length > 0).toBe(pin === undefined);
});

test('a certificate is renewed after two thirds of its life, spread over the next twelfth', async () => {
  const { trust } = await playServer();
  const life = UNTIL.getTime() - FROM.getTime();
  expect(renewalAt(trust, 0)).toBeCloseTo(FROM.getTime() + (life * 2) / 3, -3);
  expect(renewalAt(trust, 1)).toBeCloseTo(FROM.getTime() + life * 0.75, -3);
});
