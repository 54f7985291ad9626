/** What the `hall-server` command does besides starting: agents, platforms and content, on the data folder itself. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ENROLMENT_LIFE_MS, HallError, isId, systemClock, type HallContent } from '@hall/contracts';
import { COMMAND_LINE } from './features/audit/chain.ts';
import { createContentService } from './features/content/service.ts';
import { createEnrolmentStore } from './features/enrolment/store.ts';
import { createAdmission, type Admission } from './features/intake/admission.ts';
import { hashCredential, newCredential } from './platform/credentials.ts';
import { createPlatformStore } from './features/intake/store.ts';
import { openKeys } from './platform/keys.ts';
import { readDb, type Database } from './platform/store/database.ts';
import { openDirectly, type DirectWriter } from './platform/store/direct.ts';

interface Tools {
  readonly admission: Admission;
  readonly writer: DirectWriter;
  readonly db: Database;
}

/** Opens the data folder for one act and closes it again. */
async function within<T>(data: string, act: (tools: Tools) => Promise<T>): Promise<T> {
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const path = join(data, 'hall.db');
  const writer = openDirectly(path, systemClock().wall);
  const db = readDb(path);
  try {
    return await act({ admission: createAdmission(createPlatformStore(db), writer, openKeys(data).master), writer, db });
  } finally {
    db.close();
    writer.close();
  }
}

function requireId(id: string): void {
  if (!isId(id)) throw new HallError('INPUT_INVALID', { field: 'id', expected: 'lower-case letters, digits and inner hyphens' });
}

export const addPlatform = async (data: string, id: string, sources: readonly string[]) => {
  requireId(id);
  return within(data, ({ admission }) => admission.add(id, sources, COMMAND_LINE));
};
export const rotatePlatform = (data: string, id: string) => within(data, ({ admission }) => admission.rotate(id, COMMAND_LINE));
export const removePlatform = (data: string, id: string) => within(data, ({ admission }) => admission.remove(id, COMMAND_LINE));
export const listPlatforms = (data: string) => within(data, async ({ admission }) => admission.list());

/** A new credential for the agent; shown this once. */
export const addAgent = async (data: string, id: string) => {
  requireId(id);
  const password = newCredential();
  const hash = await hashCredential(password);
  await within(data, ({ writer }) => writer.call('agents.put', { ...COMMAND_LINE, id, hash }));
  return { agent: id, password };
};
/** @throws HallError AGENT_UNKNOWN, CONTENT_REFERENCED while it has devices. */
export const removeAgent = (data: string, hall: string, id: string) =>
  within(data, async ({ writer, db }) => {
    const { devices } = createContentService({ db, writer, hall }).load();
    if (devices.some(({ agent }) => agent === id)) throw new HallError('CONTENT_REFERENCED', { field: '/id' });
    await writer.call('agents.remove', { ...COMMAND_LINE, id });
  });

/** Requests of agents that wait for a person. */
export const listEnrolments = (data: string) =>
  within(data, async ({ db }) =>
    createEnrolmentStore(db)
      .waiting(systemClock().wall.nowMs() - ENROLMENT_LIFE_MS)
      .map(({ code, wish, host, version, address }) => ({ code, wish: wish ?? '', host, version, address })),
  );
/** Admits the request with this code. @throws HallError ENROLMENT_UNKNOWN, AGENT_EXISTS without `takeOver`, NAME_TAKEN. */
export const admitAgent = async (data: string, code: string, agent: string, takeOver: boolean) => {
  requireId(agent);
  await within(data, async ({ writer, db }) => {
    const waiting = createEnrolmentStore(db).waiting(systemClock().wall.nowMs() - ENROLMENT_LIFE_MS);
    const row = waiting.find((each) => each.code === code.toUpperCase());
    if (!row) throw new HallError('ENROLMENT_UNKNOWN', { field: 'code' });
    await writer.call('enrolment.admit', { ...COMMAND_LINE, id: row.id, code: row.code, agent, takeOver });
  });
};
/** @throws HallError AGENT_UNKNOWN. */
export const revokeAgent = (data: string, agent: string) =>
  within(data, ({ writer }) => writer.call('enrolment.revoke', { ...COMMAND_LINE, agent }));

/** @throws HallError CONTENT_INVALID, CONFIG_INVALID for an unreadable file. */
export async function importContent(data: string, hall: string, file: string): Promise<{ readonly version: number }> {
  let given: unknown;
  try {
    given = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new HallError('CONFIG_INVALID', { file, expected: 'a readable JSON file' }, error);
  }
  return within(data, async ({ writer, db }) => {
    const content = createContentService({ db, writer, hall });
    return { version: await content.replace(COMMAND_LINE, given as HallContent) };
  });
}

export const exportContent = (data: string, hall: string): Promise<HallContent> =>
  within(data, async ({ writer, db }) => createContentService({ db, writer, hall }).load());
