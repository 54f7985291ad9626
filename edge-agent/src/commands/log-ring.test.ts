import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { createLog } from './log-ring.ts';

const setup = (level = 'info') => createLog(level, new PassThrough().resume());

test('the newest lines come oldest first, as many as are asked for and as have room', () => {
  const { log, ring } = setup();
  for (let at = 0; at < 20; at += 1) log.info({ at }, 'line');
  expect(ring.newest(3, 10_000).map((line) => (JSON.parse(line) as { at: number }).at)).toEqual([17, 18, 19]);
  const [line = ''] = ring.newest(1, 10_000);
  expect(ring.newest(10, line.length * 2)).toHaveLength(2);
  expect(ring.newest(10, 1)).toEqual([]);
});

test('it is bounded in lines and in characters', () => {
  const { log, ring } = setup();
  for (let at = 0; at < 1500; at += 1) log.info({ filling: 'x'.repeat(5000) }, 'long');
  const lines = ring.newest(10_000, 10_000_000);
  expect(lines.length).toBeLessThanOrEqual(1000);
  expect(lines.join('').length).toBeLessThanOrEqual(256 * 1024);
});

test('no secret is in it, however it comes', () => {
  const { log, ring } = setup();
  const secret = 'tOp5ecretWord';
  log.info({ password: secret, deep: { password: secret, token: secret }, err: { password: secret } }, 'objects');
  log.info({ url: `mqtt://edge-1:${secret}@10.0.0.2:1883` }, `signed with whsec_${secret}==`);
  expect(ring.newest(10, 10_000)).toHaveLength(2);
  expect(ring.newest(10, 10_000).join()).not.toContain(secret);
});

test('what is below the level is not kept', () => {
  const { log, ring } = setup('warn');
  log.info('quiet');
  expect(ring.newest(10, 10_000)).toEqual([]);
});
