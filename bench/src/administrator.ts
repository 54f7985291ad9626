/** An administrator of a measured hall: what the console does, without a browser. */
import { randomBytes } from 'node:crypto';
import type { HallContent, Me } from '@hall/contracts';
import { HALL } from './hall-events.ts';

const NAME = 'bench';

export interface Administrator {
  /** Makes this the content of the hall, whatever it was before. */
  replaceContent(content: HallContent): Promise<void>;
}

/** The first administrator, made with the one-time code the server printed. @throws Error with the server's answer. */
export async function bootstrap(http: string, code: string): Promise<Administrator> {
  const password = randomBytes(18).toString('base64url');
  const json = { 'content-type': 'application/json' };
  const send = async (method: string, path: string, headers: Record<string, string>, body: object): Promise<Response> => {
    const reply = await fetch(new URL(path, http), { method, headers: { ...json, ...headers }, body: JSON.stringify(body) });
    if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${await reply.text()}`);
    return reply;
  };
  await send('POST', '/api/v1/bootstrap', {}, { code, name: NAME, display: NAME, password });
  const session = await send('POST', '/api/v1/sessions', {}, { name: NAME, password });
  const cookie = session.headers.get('set-cookie')?.split(';', 1)[0] ?? '';
  const { csrf } = (await session.json()) as Me;
  return {
    replaceContent: async (content) => {
      const headers = { cookie, 'x-csrf-token': csrf, 'if-match': '*' };
      await send('PUT', `/api/v1/halls/${HALL}/content`, headers, content);
    },
  };
}
