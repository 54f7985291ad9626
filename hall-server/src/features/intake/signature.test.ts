import { createSecretKey } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { TOLERANCE_MS, verifySignature } from './signature.ts';

const secret = (fill: number) => `whsec_${Buffer.alloc(32, fill).toString('base64')}`;
const key = (fill: number) => createSecretKey(Buffer.alloc(32, fill));
const NOW = 1_800_000_000_000;
const body = Buffer.from('{"中":1}');
const signed = (fill: number, id = 'msg_1', atMs = NOW) => ({
  'webhook-id': id,
  'webhook-timestamp': String(atMs / 1000),
  'webhook-signature': new Webhook(secret(fill)).sign(id, new Date(atMs), body.toString()),
});

describe('verifySignature', () => {
  const signers = [
    { id: 'other', keys: [key(9)] },
    { id: 'city', keys: [key(2), key(1)] },
  ];

  test.each([1, 2])('any living secret of any signer counts (%d)', (fill) => {
    expect(verifySignature(signed(fill), body, signers, NOW)).toMatchObject({ signer: { id: 'city' }, webhookId: 'msg_1' });
  });

  test('an example of the public library in its documented form is accepted', () => {
    const example = 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    const at = new Date('2021-02-25T00:00:00Z');
    const headers = {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': String(at.getTime() / 1000),
      'webhook-signature': new Webhook(example).sign('msg_p5jXN8AQM9LWM0D4loKWxJek', at, '{"test": 2432232314}'),
    };
    const signer = { id: 'x', keys: [createSecretKey(Buffer.from(example, 'base64'))] };
    expect(verifySignature(headers, Buffer.from('{"test": 2432232314}'), [signer], at.getTime()).signer.id).toBe('x');
  });

  test('one changed byte anywhere is refused', () => {
    for (let at = 0; at < body.length; at += 1) {
      const changed = Buffer.from(body);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => verifySignature(signed(1), changed, signers, NOW)).toThrow(
        expect.objectContaining({ code: 'SIGNATURE_INVALID' }),
      );
    }
  });

  test.each([-TOLERANCE_MS, TOLERANCE_MS])('a clock difference of %d ms is taken', (difference) => {
    const { expiresAt } = verifySignature(signed(1, 'msg_1', NOW + difference), body, signers, NOW);
    expect(expiresAt).toBe(NOW + difference + TOLERANCE_MS);
  });

  test.each([-TOLERANCE_MS - 1000, TOLERANCE_MS + 1000])('a clock difference of %d ms is refused', (difference) => {
    const headers = signed(1, 'msg_1', NOW + difference);
    expect(() => verifySignature(headers, body, signers, NOW)).toThrow(expect.objectContaining({ code: 'SIGNATURE_EXPIRED' }));
  });

  test('a header given twice is refused', () => {
    const headers = { ...signed(1), 'webhook-id': ['msg_1', 'msg_1'] };
    expect(() => verifySignature(headers, body, signers, NOW)).toThrow(expect.objectContaining({ code: 'SIGNATURE_INVALID' }));
  });
});
