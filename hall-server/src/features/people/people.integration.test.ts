import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeClock } from '@hall/contracts';
import { expect, onTestFinished, test } from 'vitest';
import { readDb } from '../../platform/store/database.ts';
import { createWriter } from '../../platform/store/writer.ts';
import { verifyChain } from '../audit/store.ts';
import { createContentService } from '../content/service.ts';
import { emptyContent } from '../content/store.ts';
import { createPeopleService } from './service.ts';
import { createPeopleStore } from './store.ts';

const PASSWORD = 'Lotus-Bridge-Rain-88';
const asker = { by: 'wang', address: '10.0.0.9' };

/** The services over the real writer worker and a store on disk. */
async function open(path: string, clock: FakeClock) {
  const writer = await createWriter({ path, wall: clock.wall });
  const db = readDb(path);
  const codes: string[] = [];
  const people = createPeopleService({ store: createPeopleStore(db), writer, clock, announce: (code) => void codes.push(code) });
  const stop = new AbortController();
  const running = people.bootstrap.run(stop.signal);
  const close = async () => {
    stop.abort();
    await running;
    db.close();
    await writer.close();
  };
  return { db, codes, people, content: createContentService({ db, writer, hall: 'demo' }), close };
}

test('through the writer worker people sign in, errors keep their codes, and everything outlives a restart', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hall-people-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const clock = new FakeClock();
  const first = await open(join(folder, 'hall.db'), clock);
  await first.people.bootstrap.use(
    { code: first.codes[0] ?? '', name: 'wang', display: '王主任', password: PASSWORD },
    asker.address,
  );
  const token = await first.people.signIn({ name: 'wang', password: PASSWORD }, asker.address, 'test');
  expect(first.people.authenticate(token)).toMatchObject({ name: 'wang', roles: ['administrator'] });
  await expect(first.people.create(asker, { name: 'wang', display: 'x', roles: ['staff'] })).rejects.toMatchObject({
    code: 'NAME_TAKEN',
    details: { field: '/name' },
  });
  await expect(first.people.change(asker, 'wang', { disabled: true })).rejects.toMatchObject({ code: 'LAST_ADMINISTRATOR' });
  const department = { id: 'tax', zh: '税务局' };
  const made = await Promise.allSettled([
    first.content.put(asker, 'departments', department),
    first.content.put(asker, 'departments', { id: 'police', zh: '公安局' }),
  ]);
  expect(made.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  expect(made[1]).toMatchObject({ reason: { code: 'CONFLICT' } });
  await first.close();

  const second = await open(join(folder, 'hall.db'), clock);
  onTestFinished(second.close);
  expect(second.codes).toEqual([]);
  expect(second.people.authenticate(token)).toMatchObject({ name: 'wang' });
  expect(second.content.load()).toEqual({ ...emptyContent, departments: [department] });
  expect(verifyChain(second.db)).toEqual({ whole: true, rows: 3 });
});
