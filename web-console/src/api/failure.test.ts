import { describe, expect, it } from 'vitest';
import { ApiError, addressOf } from './client.ts';
import { failureText } from './failure.ts';

const reply = { code: 'SIGN_IN_LOCKED', message: 'locked', requestId: 'r1' };

describe('failures', () => {
  it('speak the chosen language', () => {
    expect(failureText(new ApiError(423, reply), 'zh').message).toBe('登录失败次数过多，账号已暂时锁定');
    expect(failureText(new ApiError(423, reply), 'en').message).toContain('locked for a while');
  });

  it('say how long to wait, which field and what was expected', () => {
    const error = new ApiError(422, { ...reply, field: '/code', expected: '4 letters', retryAfterS: 600 });
    expect(failureText(error, 'zh').hints).toEqual(['字段：/code', '要求：4 letters', '请在 10 分钟后再试。']);
  });

  it('keep the message of a code this console does not know yet', () => {
    expect(failureText(new ApiError(400, { ...reply, code: 'NEWER', message: 'Newer.' }), 'zh').message).toBe('Newer.');
  });

  it('tell an unreachable server from a slow one and from a bug', () => {
    expect(failureText(new ApiError(0), 'en').code).toBe('OFFLINE');
    expect(failureText(new ApiError(0, undefined, true), 'en').message).toContain('in time');
    expect(failureText(new TypeError('x is undefined'), 'en').code).toBe('UNEXPECTED');
  });
});

describe('addresses', () => {
  it('leave out what is not asked', () => {
    expect(addressOf('/halls/h/events', { type: '', window: 'w01', before: undefined, flagged: true })).toBe(
      '/api/v1/halls/h/events?window=w01&flagged=true',
    );
  });
});
