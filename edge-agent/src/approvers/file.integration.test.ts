import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { addApprover, APPROVERS_FILE, approversIn, removeApprover } from './file.ts';

function folder(): string {
  const made = mkdtempSync(path.join(tmpdir(), 'hall-approvers-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}
const pair = () => generateKeyPairSync('ed25519');
const pemOf = ({ publicKey }: ReturnType<typeof pair>) => publicKey.export({ type: 'spki', format: 'pem' }).toString();

test('keys are added, listed and removed, in a file that only its owner reads', async () => {
  const data = folder();
  expect(await approversIn(data)).toEqual([]);
  const { fingerprint } = await addApprover(data, '李', pemOf(pair()));
  await addApprover(data, '王', pemOf(pair()));
  expect(fingerprint).toMatch(/^SHA256:[\w-]{43}$/);
  expect((await approversIn(data)).map(({ name }) => name)).toEqual(['李', '王']);
  expect(statSync(path.join(data, APPROVERS_FILE)).mode & 0o777).toBe(0o600);
  await removeApprover(data, fingerprint);
  expect((await approversIn(data)).map(({ name }) => name)).toEqual(['王']);
  await expect(removeApprover(data, '李')).rejects.toMatchObject({ code: 'APPROVER_INVALID' });
});

test('a private key, another kind of key, a second key of a name and a key under two names are refused', async () => {
  const data = folder();
  const one = pair();
  await addApprover(data, '李', pemOf(one));
  const privatePem = one.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'pem' }).toString();
  for (const [name, pem] of [
    ['陈', privatePem],
    ['陈', rsa],
    ['陈', 'no key'],
    ['李', pemOf(pair())],
    ['陈', pemOf(one)],
    ['\n', pemOf(pair())],
  ] as const) {
    await expect(addApprover(data, name, pem)).rejects.toMatchObject({ code: 'APPROVER_INVALID' });
  }
  expect(await approversIn(data)).toHaveLength(1);
});

test('a file that was spoilt approves nobody', async () => {
  const data = folder();
  for (const text of ['', '{}', '{"version":1,"approvers":[{}]}']) {
    writeFileSync(path.join(data, APPROVERS_FILE), text);
    await expect(approversIn(data)).rejects.toMatchObject({ code: 'APPROVER_INVALID' });
  }
});
