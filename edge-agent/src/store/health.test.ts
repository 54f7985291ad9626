import { HallError } from '@hall/contracts';
import { expect, test } from 'vitest';
import { watchStore } from './health.ts';
import type { Store } from './store.ts';

test('the outcome of writes says how the store is; reads say nothing', async () => {
  let reason: string | undefined;
  const store = watchStore({
    call: () => (reason === undefined ? Promise.resolve(undefined) : Promise.reject(new HallError('STORE_FAILED', { reason }))),
    close: () => Promise.resolve(),
  } as Store);
  const write = () => store.call('forgetDesired', { devices: [] }).catch(() => {});
  const read = () => store.call('outboxSpan').catch(() => {});
  expect(store.state).toBe('ok');
  reason = 'database or disk is full';
  await read();
  expect(store.state).toBe('ok');
  await write();
  expect(store.state).toBe('full');
  reason = 'disk I/O error';
  await write();
  expect(store.state).toBe('failing');
  reason = undefined;
  await read();
  expect(store.state).toBe('failing');
  await write();
  expect(store.state).toBe('ok');
});
