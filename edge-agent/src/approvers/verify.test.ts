import { generateKeyPairSync, sign } from 'node:crypto';
import { HallError } from '@hall/contracts';
import { expect, test } from 'vitest';
import { approvalBytes, fingerprintOf, verifyApproved, type ApproverKey, type Signature } from './verify.ts';

const content = Buffer.from('{"text":"今日下午系统维护"}');
const expected = { purpose: 'notice', hall: 'north', nowMs: 1000 };

/** A person with a key, who signs what is asked. */
function person(name: string) {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const der = publicKey.export({ type: 'spki', format: 'der' });
  const key: ApproverKey = { name, fingerprint: fingerprintOf(der), publicKey: der.toString('base64url') };
  const signs = (what: Uint8Array, more: Partial<Signature> = {}): Signature => {
    const approval = { purpose: 'notice', hall: 'north', notBefore: 500, notAfter: 2000, ...more };
    const signature = sign(null, approvalBytes(what, approval), privateKey).toString('base64url');
    return { key: key.fingerprint, ...approval, signature, ...(more.signature !== undefined && { signature: more.signature }) };
  };
  return { key, signs };
}
const [li, wang, chen] = [person('李'), person('王'), person('陈')] as const;
const keys = [li.key, wang.key];
/** Why it is refused; undefined when it is approved. */
const refusal = (signatures: readonly Signature[], what: Uint8Array = content, enrolled = keys, more = {}) => {
  try {
    verifyApproved(what, signatures, enrolled, { ...expected, ...more });
    return undefined;
  } catch (error) {
    expect(error).toMatchObject({ code: 'APPROVAL_REFUSED' });
    return (error as HallError).details['reason'];
  }
};

test('two different approvers: approved, until the first of their approvals ends', () => {
  const signed = [li.signs(content), wang.signs(content, { notAfter: 1500 })];
  expect(verifyApproved(content, signed, keys, expected)).toEqual({ by: ['李', '王'].toSorted(), notAfter: 1500 });
});

test.each([
  ['unsigned', []],
  ['too_few_approvers', [li.signs(content)]],
  ['too_few_approvers', [li.signs(content), li.signs(content)]],
  ['key_unknown', [li.signs(content), chen.signs(content)]],
  ['wrong_purpose', [li.signs(content), wang.signs(content, { purpose: 'name-table' })]],
  ['wrong_hall', [li.signs(content), wang.signs(content, { hall: 'south' })]],
  ['not_valid_now', [li.signs(content), wang.signs(content, { notAfter: 1000 })]],
  ['not_valid_now', [li.signs(content), wang.signs(content, { notBefore: 1001 })]],
  ['signature_wrong', [li.signs(content), wang.signs(content, { signature: '' })]],
  ['signature_wrong', [li.signs(content), { ...li.signs(content), key: wang.key.fingerprint }]],
  ['signature_wrong', [li.signs(content), wang.signs(content), { ...wang.signs(content), notAfter: 9000 }]],
] as const)('%s is refused', (reason, signatures) => {
  expect(refusal(signatures)).toBe(reason);
});

test('altered content, a removed key, and one person with two keys are refused', () => {
  const signed = [li.signs(content), wang.signs(content)];
  expect(refusal(signed, Buffer.from(String(content).replace('下午', '上午')))).toBe('signature_wrong');
  expect(refusal(signed, content, [li.key])).toBe('key_unknown');
  const twice = { ...chen.key, name: '李' };
  expect(refusal([li.signs(content), chen.signs(content)], content, [li.key, twice])).toBe('too_few_approvers');
  expect(refusal(signed, content, [li.key, { ...wang.key, publicKey: chen.key.publicKey }])).toBe('signature_wrong');
});
