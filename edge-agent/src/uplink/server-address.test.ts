import { FakeClock } from '@hall/contracts';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { candidates, createServerAddresses, type Resolve } from './server-address.ts';

const HOST = 'hall.example';

function setup(resolve: Resolve, remembered: Record<string, string> = {}) {
  const clock = new FakeClock();
  const saved: Array<Readonly<Record<string, string>>> = [];
  const save = async (good: Readonly<Record<string, string>>) => void saved.push(good);
  return { clock, saved, addresses: createServerAddresses({ remembered, resolve, save }, clock, pino({ level: 'silent' })) };
}
const failing: Resolve = () => Promise.reject(new Error('EAI_AGAIN'));

test('the one that worked comes first while the name still says it, and last when it no longer does', () => {
  expect(candidates(['a', 'b'], undefined)).toEqual(['a', 'b']);
  expect(candidates(['a', 'b'], 'b')).toEqual(['b', 'a']);
  expect(candidates(['a', 'b'], 'c')).toEqual(['a', 'b', 'c']);
  expect(candidates([], 'c')).toEqual(['c']);
});

test('a name that cannot be resolved leads to the address that worked, and an unknown one to itself', async () => {
  const { addresses } = setup(failing, { [HOST]: '10.0.0.5' });
  expect(await addresses.of(HOST)).toEqual(['10.0.0.5']);
  expect(await addresses.of('other.example')).toEqual(['other.example']);
  expect(await addresses.of('10.0.0.9')).toEqual(['10.0.0.9']);
  expect(await addresses.of('::1')).toEqual(['::1']);
});

test('a name service that does not answer is not waited for', async () => {
  const { addresses, clock } = setup(() => new Promise(() => {}), { [HOST]: '10.0.0.5' });
  const found = addresses.of(HOST);
  await clock.advance(2000);
  expect(await found).toEqual(['10.0.0.5']);
});

test('a server that has moved is followed, and one that is not where its name says is tried where it was', async () => {
  let told = ['10.0.0.5'];
  const { addresses, saved } = setup(async () => told);
  expect(await addresses.of(HOST)).toEqual(['10.0.0.5']);
  addresses.worked(HOST, '10.0.0.5');
  addresses.worked(HOST, '10.0.0.5');
  expect(saved).toEqual([{ [HOST]: '10.0.0.5' }]);
  told = ['10.0.0.6'];
  expect((await addresses.of(HOST))[0]).toBe('10.0.0.6');
  addresses.failed(HOST);
  expect((await addresses.of(HOST))[0]).toBe('10.0.0.5');
  addresses.failed(HOST);
  expect((await addresses.of(HOST))[0]).toBe('10.0.0.6');
  addresses.worked(HOST, '10.0.0.6');
  expect(saved.at(-1)).toEqual({ [HOST]: '10.0.0.6' });
  expect(await addresses.of(HOST)).toEqual(['10.0.0.6']);
});
