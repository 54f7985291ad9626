import { afterEach, beforeEach, expect, test } from 'vitest';
import { verifyChain } from '../audit/store.ts';
import { PASSWORD, createFixture, type Browser, type Fixture } from './fixture.ts';

const HOUR_MS = 3_600_000;
let hall: Fixture;
beforeEach(async () => {
  hall = await createFixture();
});
afterEach(async () => {
  if (!verifyChain(hall.db).whole) throw new Error('the audit chain is broken');
  await hall.close();
});

const audited = () =>
  hall.db
    .prepare<[], { person: string; action: string; object: string; outcome: string }>(
      'SELECT person, action, object, outcome FROM audit ORDER BY seq',
    )
    .all();

async function firstAdministrator(): Promise<Browser> {
  const browser = hall.browser();
  const body = { code: hall.codes.at(-1), name: 'wang', display: '王主任', password: PASSWORD };
  expect((await browser.ask('POST', '/bootstrap', body)).statusCode).toBe(201);
  expect((await browser.signIn('wang', PASSWORD)).statusCode).toBe(200);
  return browser;
}

test('the one-time code makes the first administrator, once', async () => {
  const browser = hall.browser();
  expect((await browser.ask('GET', '/bootstrap')).json()).toEqual({ open: true });
  const body = { code: 'AAAA-AAAA', name: 'wang', display: '王主任', password: PASSWORD };
  expect((await browser.ask('POST', '/bootstrap', body)).json()).toMatchObject({ code: 'BOOTSTRAP_CODE_WRONG', field: '/code' });
  const weak = await browser.ask('POST', '/bootstrap', { ...body, code: hall.codes[0], password: 'password123' });
  expect(weak.json()).toMatchObject({ code: 'PASSWORD_WEAK', field: '/password' });

  const right = { ...body, code: hall.codes[0] };
  const answers = await Promise.all([browser.ask('POST', '/bootstrap', right), browser.ask('POST', '/bootstrap', right)]);
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([201, 401]);
  expect((await browser.ask('GET', '/bootstrap')).json()).toEqual({ open: false });
  expect((await browser.ask('POST', '/bootstrap', right)).json()).toMatchObject({ code: 'BOOTSTRAP_DONE' });
  await hall.clock.advance(HOUR_MS);
  expect(hall.codes).toHaveLength(1);
});

test('signing in gives a strict cookie, says who one is, and stores no token', async () => {
  const browser = await firstAdministrator();
  const again = await browser.ask('POST', '/sessions', { name: ' Wang ', password: PASSWORD });
  expect(again.headers['set-cookie']).toMatch(/^hall_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
  const me = (await browser.ask('GET', '/me')).json();
  expect(me).toEqual({
    name: 'wang',
    display: '王主任',
    roles: ['administrator'],
    hall: 'demo',
    csrf: browser.csrf,
    mustChangePassword: false,
  });
  const token = browser.cookie.split('=')[1] ?? '';
  expect(hall.db.serialize().includes(token)).toBe(false);
  expect(hall.db.serialize().includes(PASSWORD)).toBe(false);
});

test('a wrong password and an unknown name get the same answer', async () => {
  const browser = await firstAdministrator();
  const wrong = await browser.ask('POST', '/sessions', { name: 'wang', password: 'not it at all' });
  const unknown = await browser.ask('POST', '/sessions', { name: 'nobody', password: 'not it at all' });
  const without = (body: object) => ({ ...body, requestId: '' });
  expect(wrong.statusCode).toBe(401);
  expect(without(wrong.json())).toEqual(without(unknown.json()));
  expect(audited().slice(-2)).toEqual([
    { person: '', action: 'session.start', object: 'wang', outcome: 'SIGN_IN_FAILED' },
    { person: '', action: 'session.start', object: '', outcome: 'SIGN_IN_FAILED' },
  ]);
});

test.each(['wang', 'nobody'])(
  'five failures lock %s for 15 minutes, then longer; the right password does not help',
  async (name) => {
    await firstAdministrator();
    const fail = async (from: string) =>
      (await hall.browser(from).ask('POST', '/sessions', { name, password: 'wrong wrong' })).json();
    const lockAfterFive = async (from: string) => {
      for (let tries = 0; tries < 5; tries += 1) expect(await fail(from)).toMatchObject({ code: 'SIGN_IN_FAILED' });
      return (await fail(from)) as { code: string; retryAfterS: number };
    };
    expect(await lockAfterFive('10.2.0.1')).toMatchObject({ code: 'SIGN_IN_LOCKED', retryAfterS: 900 });
    expect((await hall.browser('10.2.0.2').signIn(name, PASSWORD)).statusCode).toBe(423);
    await hall.clock.advance(15 * 60_000);
    expect(await lockAfterFive('10.2.0.3')).toMatchObject({ code: 'SIGN_IN_LOCKED', retryAfterS: 1800 });
  },
);

test('tries sent at once do not pass the lock together', async () => {
  await firstAdministrator();
  const browser = hall.browser('10.2.0.1');
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => browser.ask('POST', '/sessions', { name: 'wang', password: 'wrong wrong' })),
  );
  expect(answers.filter(({ statusCode }) => statusCode === 401)).toHaveLength(5);
  expect(answers.filter(({ statusCode }) => statusCode === 423)).toHaveLength(15);
});

test('a successful sign-in clears the failures', async () => {
  const browser = await firstAdministrator();
  for (let round = 0; round < 3; round += 1) {
    for (let tries = 0; tries < 4; tries += 1) await browser.ask('POST', '/sessions', { name: 'wang', password: 'wrong wrong' });
    expect((await hall.browser('10.2.0.9').signIn('wang', PASSWORD)).statusCode).toBe(200);
  }
});

test('one address may try only so often, whatever the names', async () => {
  const browser = hall.browser('10.2.0.1');
  const codes: string[] = [];
  for (let tries = 0; tries < 31; tries += 1) {
    codes.push((await browser.ask('POST', '/sessions', { name: `name${tries}`, password: 'x' })).json<{ code: string }>().code);
  }
  expect(codes.slice(0, 30)).toEqual(Array(30).fill('SIGN_IN_FAILED'));
  expect(codes[30]).toBe('RATE_LIMITED');
  await hall.clock.advance(2_000);
  expect((await browser.ask('POST', '/sessions', { name: 'nobody', password: 'x' })).statusCode).toBe(401);
});

test('a session ends after 8 hours without use', async () => {
  const browser = await firstAdministrator();
  await hall.clock.advance(7.9 * HOUR_MS);
  expect((await browser.ask('GET', '/me')).statusCode).toBe(200);
  await hall.clock.advance(7.9 * HOUR_MS);
  expect((await browser.ask('GET', '/me')).statusCode).toBe(200);
  await hall.clock.advance(8 * HOUR_MS);
  expect((await browser.ask('GET', '/me')).json()).toMatchObject({ code: 'SIGN_IN_REQUIRED' });
});

test('a session ends after 24 hours however much it is used', async () => {
  const browser = await firstAdministrator();
  for (let hour = 0; hour < 23; hour += 1) {
    await hall.clock.advance(HOUR_MS);
    expect((await browser.ask('GET', '/me')).statusCode).toBe(200);
  }
  await hall.clock.advance(HOUR_MS);
  expect((await browser.ask('GET', '/me')).statusCode).toBe(401);
});

test('people see their sessions and end them; signing out is at once', async () => {
  const first = await firstAdministrator();
  const second = hall.browser('10.0.0.7');
  await second.signIn('wang', PASSWORD);
  const ended: string[] = [];
  hall.people.onEnded((ids) => void ended.push(...ids));
  const list = (await first.ask('GET', '/sessions')).json<{ id: string; current: boolean; address: string }[]>();
  expect(list.map(({ current, address }) => ({ current, address }))).toEqual(
    expect.arrayContaining([
      { current: true, address: '10.0.0.9' },
      { current: false, address: '10.0.0.7' },
    ]),
  );
  const other = list.find(({ current }) => !current)?.id ?? '';
  expect((await first.ask('DELETE', `/sessions/${other}`)).statusCode).toBe(204);
  expect((await second.ask('GET', '/me')).statusCode).toBe(401);
  const out = await first.ask('DELETE', '/sessions/current');
  expect(out.statusCode).toBe(204);
  expect(out.headers['set-cookie']).toMatch(/^hall_session=; .*Max-Age=0$/);
  expect((await first.ask('GET', '/me')).statusCode).toBe(401);
  expect(ended).toHaveLength(2);
});

test('nobody ends the session of somebody else by its id', async () => {
  await firstAdministrator();
  const [own] = hall.people.sessionsOf('wang');
  const other = await hall.as('administrator');
  expect((await other.ask('DELETE', `/sessions/${own?.id}`)).statusCode).toBe(404);
  expect(hall.people.sessionsOf('wang')).toHaveLength(1);
});

test.each([
  ['without the token', { 'x-csrf-token': '' }],
  ['with a wrong token', { 'x-csrf-token': 'A'.repeat(43) }],
  ['from another site', { 'sec-fetch-site': 'cross-site' }],
  ['from a sister site', { 'sec-fetch-site': 'same-site' }],
  ['from another origin', { origin: 'https://evil.example' }],
  ['from a sandboxed page', { origin: 'null' }],
])('a change %s is refused and audited', async (_how, headers) => {
  const browser = await firstAdministrator();
  const body = { name: 'li', display: '李', roles: ['staff'] };
  const answer = await browser.ask('POST', '/people', body, headers);
  expect(answer.statusCode).toBe(403);
  expect(answer.json()).toMatchObject({ code: 'CSRF_REFUSED' });
  expect(audited().at(-1)).toEqual({ person: 'wang', action: 'access', object: 'POST /api/v1/people', outcome: 'CSRF_REFUSED' });
  expect((await browser.ask('GET', '/people')).json()).toHaveLength(1);
});

test.each([{ origin: 'http://localhost:80' }, { origin: 'http://elsewhere', 'sec-fetch-site': 'same-origin' }, {}])(
  'a change from the own page is taken (%j)',
  async (headers) => {
    const browser = await firstAdministrator();
    const answer = await browser.ask(
      'POST',
      '/people',
      { name: 'li', display: '李', roles: ['staff'] },
      headers as Record<string, string>,
    );
    expect(answer.statusCode).toBe(201);
  },
);

test('signing in from a page of another site is refused', async () => {
  await firstAdministrator();
  const answer = await hall
    .browser()
    .ask('POST', '/sessions', { name: 'wang', password: PASSWORD }, { origin: 'http://evil.example' });
  expect(answer.json()).toMatchObject({ code: 'CSRF_REFUSED' });
});

test('a person added gets a password shown once and must change it before anything else', async () => {
  const administrator = await firstAdministrator();
  const added = await administrator.ask('POST', '/people', { name: 'li.na', display: '李娜', roles: ['manager'] });
  const { password, person } = added.json<{ password: string; person: object }>();
  expect(person).toMatchObject({ name: 'li.na', roles: ['manager'], disabled: false, lastSignInAt: null });
  expect((await administrator.ask('POST', '/people', { name: 'li.na', display: 'x', roles: ['staff'] })).json()).toMatchObject({
    code: 'NAME_TAKEN',
  });

  const browser = hall.browser('10.0.0.8');
  expect((await browser.signIn('li.na', password)).json()).toMatchObject({ mustChangePassword: true });
  expect((await browser.ask('GET', '/people')).json()).toMatchObject({ code: 'PASSWORD_CHANGE_REQUIRED' });
  const change = (current: string, fresh: string) => browser.ask('PUT', '/me/password', { current, password: fresh });
  expect((await change(password, 'manager123456')).json()).toMatchObject({ code: 'PASSWORD_WEAK' });
  expect((await change('not the one', PASSWORD)).json()).toMatchObject({ code: 'SIGN_IN_FAILED' });
  expect((await change(password, PASSWORD)).statusCode).toBe(204);
  expect((await browser.ask('GET', '/people')).json()).toMatchObject({ code: 'PERMISSION_DENIED' });
  expect((await hall.browser('10.0.0.5').signIn('li.na', password)).statusCode).toBe(401);
});

test('a new password ends the other sessions and keeps this one', async () => {
  const first = await firstAdministrator();
  const second = hall.browser('10.0.0.7');
  await second.signIn('wang', PASSWORD);
  await second.ask('PUT', '/me/password', { current: PASSWORD, password: `${PASSWORD}9` });
  expect((await first.ask('GET', '/me')).statusCode).toBe(401);
  expect((await second.ask('GET', '/me')).statusCode).toBe(200);
});

test('disabling somebody cuts their sessions at once and keeps them out', async () => {
  const administrator = await firstAdministrator();
  const operator = await hall.as('operator');
  const { name } = (await operator.ask('GET', '/me')).json<{ name: string }>();
  const patch = await administrator.ask('PATCH', `/people/${name}`, { disabled: true });
  expect(patch.json()).toMatchObject({ disabled: true });
  expect((await operator.ask('GET', '/me')).statusCode).toBe(401);
  expect((await operator.signIn(name, PASSWORD)).json()).toMatchObject({ code: 'SIGN_IN_FAILED' });
  await administrator.ask('PATCH', `/people/${name}`, { disabled: false });
  expect((await operator.signIn(name, PASSWORD)).statusCode).toBe(200);
});

test('other roles end the sessions; a new display name does not', async () => {
  const administrator = await firstAdministrator();
  const operator = await hall.as('operator');
  const { name } = (await operator.ask('GET', '/me')).json<{ name: string }>();
  await administrator.ask('PATCH', `/people/${name}`, { display: '老张' });
  expect((await operator.ask('GET', '/me')).json()).toMatchObject({ display: '老张' });
  await administrator.ask('PATCH', `/people/${name}`, { roles: ['auditor'] });
  expect((await operator.ask('GET', '/me')).statusCode).toBe(401);
});

test('a reset gives a new password, ends the sessions and lifts the lock', async () => {
  const administrator = await firstAdministrator();
  const operator = await hall.as('operator');
  const { name } = (await operator.ask('GET', '/me')).json<{ name: string }>();
  for (let tries = 0; tries < 5; tries += 1) await hall.browser('10.3.0.1').signIn(name, 'wrong wrong');
  const locked = (await administrator.ask('GET', '/people')).json<{ name: string; lockedUntil: number | null }[]>();
  expect(locked.find((person) => person.name === name)?.lockedUntil).toBe(hall.clock.wall.nowMs() + 15 * 60_000);
  const { password } = (await administrator.ask('POST', `/people/${name}/reset`)).json<{ password: string }>();
  expect((await operator.ask('GET', '/me')).statusCode).toBe(401);
  expect((await operator.signIn(name, password)).json()).toMatchObject({ mustChangePassword: true });
});

test('the last administrator can neither be disabled nor lose the role', async () => {
  const administrator = await firstAdministrator();
  for (const body of [{ disabled: true }, { roles: ['manager'] }]) {
    expect((await administrator.ask('PATCH', '/people/wang', body)).json()).toMatchObject({ code: 'LAST_ADMINISTRATOR' });
  }
  await hall.as('administrator');
  expect((await administrator.ask('PATCH', '/people/wang', { disabled: true })).statusCode).toBe(200);
});

test('an administrator signs somebody out everywhere', async () => {
  const administrator = await firstAdministrator();
  const operator = await hall.as('operator');
  const { name } = (await operator.ask('GET', '/me')).json<{ name: string }>();
  expect((await administrator.ask('GET', `/people/${name}/sessions`)).json()).toHaveLength(1);
  expect((await administrator.ask('DELETE', `/people/${name}/sessions`)).statusCode).toBe(204);
  expect((await operator.ask('GET', '/me')).statusCode).toBe(401);
});

test('every sensitive action leaves exactly one audit row that names who, what and how it ended', async () => {
  const administrator = await firstAdministrator();
  const before = audited().length;
  await administrator.ask('POST', '/people', { name: 'li', display: '李', roles: ['staff'] });
  await administrator.ask('PATCH', '/people/li', { disabled: true });
  await administrator.ask('POST', '/people/li/reset');
  await administrator.ask('DELETE', '/people/li/sessions');
  expect(audited().slice(before)).toEqual([
    { person: 'wang', action: 'people.create', object: 'li', outcome: 'done' },
    { person: 'wang', action: 'people.change', object: 'li', outcome: 'done' },
    { person: 'wang', action: 'people.reset', object: 'li', outcome: 'done' },
    { person: 'wang', action: 'session.end', object: 'li', outcome: 'done' },
  ]);
});

test('a route under /api that does not say who may use it cannot be registered', async () => {
  await hall.close();
  hall = await createFixture(async ({ app }) => {
    expect(() => app.get('/api/v1/forgotten', async () => 'x')).toThrow(/does not say who may use it/);
  });
});
