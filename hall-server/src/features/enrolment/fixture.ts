/** For tests: an agent that enrols by hand, over the HTTP API alone, with a request made by the library itself. */
import 'reflect-metadata';
import { createHash, createPrivateKey, createPublicKey, sign, webcrypto } from 'node:crypto';
import { keyChangeText, proofText, type EnrolmentAnswer, type EnrolmentRequest, type EnrolmentTicket } from '@hall/contracts';
import * as x509 from '@peculiar/x509';
import type { Hall } from '../../fixture.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
export const admin = { by: 'wang', address: '10.0.0.9' };

export interface TestKey {
  /** PKCS #8 PEM. */
  readonly key: string;
  readonly csr: string;
  readonly fingerprint: string;
}

export async function testKey(): Promise<TestKey> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: [{ CN: ['x'] }],
    keys,
    signingAlgorithm: ALGORITHM,
  });
  const key = x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  const spki = createPublicKey(createPrivateKey(key)).export({ type: 'spki', format: 'der' });
  return { key, csr: request.toString('pem'), fingerprint: createHash('sha256').update(spki).digest('hex') };
}

export const signature = (key: string, text: string): string =>
  sign('sha256', Buffer.from(text), createPrivateKey(key)).toString('base64');

export interface Reply<T> {
  readonly status: number;
  readonly body: T & { readonly code: string };
}
async function post<T>(hall: Hall, path: string, body: object): Promise<Reply<T>> {
  const reply = await fetch(`${hall.httpUrl}/api/v1/halls/demo/enrolments${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: reply.status, body: (await reply.json()) as Reply<T>['body'] };
}

export const ask = (hall: Hall, { csr }: TestKey, more: Partial<EnrolmentRequest> = {}): Promise<Reply<EnrolmentTicket>> =>
  post(hall, '', { csr, host: 'pc-1', version: '0.1.0', ...more });
/** Asks with the word of the key before. */
export const askChange = (hall: Hall, agent: string, next: TestKey, before: TestKey) =>
  ask(hall, next, { keyOf: agent, signature: signature(before.key, keyChangeText('demo', agent, next.fingerprint)) });
export const fetchAnswer = (hall: Hall, { key }: TestKey, { id, nonce }: EnrolmentTicket): Promise<Reply<EnrolmentAnswer>> =>
  post(hall, `/${id}/answer`, { nonce, signature: signature(key, proofText('demo', id, nonce)) });

export interface Member extends TestKey {
  readonly cert: string;
  readonly ca: string;
}
async function certificateOf(hall: Hall, key: TestKey, ticket: EnrolmentTicket): Promise<Member> {
  const { body } = await fetchAnswer(hall, key, ticket);
  if (body.state !== 'admitted') throw new Error(`not admitted: ${JSON.stringify(body)}`);
  return { ...key, cert: body.certificate, ca: body.trust };
}

/** The whole walk: asks, is admitted, fetches. */
export async function enrolled(hall: Hall, agent: string, takeOver = false): Promise<Member> {
  const key = await testKey();
  const { body: ticket } = await ask(hall, key);
  await hall.services.enrolment.admit(ticket.id, { agent, code: ticket.code, takeOver }, admin);
  return certificateOf(hall, key, ticket);
}
/** The next key of a member. */
export async function changed(hall: Hall, agent: string, before: TestKey): Promise<Member> {
  const key = await testKey();
  const { status, body } = await askChange(hall, agent, key, before);
  if (status !== 202) throw new Error(`refused: ${JSON.stringify(body)}`);
  return certificateOf(hall, key, body);
}
