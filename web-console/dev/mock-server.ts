/**
 * A pretend hall for looking at the console while working on it: `npx tsx web-console/dev/mock-server.ts [port]`.
 * Serves `web-console/dist`. Sign in as admin / console-admin, as locked to be locked out, as fresh for a forced password change.
 * `POST /dev/feed` makes the feed stale, `POST /dev/cut` ends all connections for ten seconds. Not part of the product.
 */
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { extname, join } from 'node:path';
import { Server } from 'socket.io';
import { mockHall } from './mock-hall.ts';

const port = Number(process.argv[2] ?? 8090);
const dist = join(import.meta.dirname, '../dist');
const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};
const csp = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self' ws: wss:";
const hall = mockHall();
let bootstrapped = process.argv[3] !== 'bootstrap';
let signedIn: string | undefined;
let version = 1;
let cutUntil = 0;

class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly more: object;
  constructor(status: number, code: string, more: object = {}) {
    super(code);
    this.status = status;
    this.code = code;
    this.more = more;
  }
}
const me = (name: string) => ({
  name,
  display: name === 'guard' ? '李保安' : '王主任',
  roles: name === 'guard' ? ['security'] : ['administrator', 'manager'],
  hall: 'dev',
  csrf: 'c'.repeat(32),
  mustChangePassword: name === 'fresh',
});

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function api(method: string, path: string, query: URLSearchParams, body: string): unknown {
  const key = `${method} ${path.replace('/api/v1', '').replace('/halls/dev', '')}`;
  const json = body.startsWith('{') ? (JSON.parse(body) as Record<string, unknown>) : {};
  if (key === 'GET /bootstrap') return { open: !bootstrapped };
  if (key === 'POST /bootstrap') {
    if (json['code'] !== 'ABCD-1234') throw new Refusal(401, 'BOOTSTRAP_CODE_WRONG');
    bootstrapped = true;
    return null;
  }
  if (key === 'POST /sessions') {
    if (json['name'] === 'locked') throw new Refusal(423, 'SIGN_IN_LOCKED', { retryAfterS: 890 });
    if (json['password'] !== 'console-admin') throw new Refusal(401, 'SIGN_IN_FAILED');
    signedIn = String(json['name']);
    return me(signedIn);
  }
  if (!signedIn) throw new Refusal(401, 'SIGN_IN_REQUIRED');
  if (key === 'DELETE /sessions/current') return void (signedIn = undefined);
  if (key === 'PUT /me/password') return void (signedIn = 'admin');
  if (key === 'GET /me') return me(signedIn);
  if (key === 'GET /content') return hall.content;
  if (/^(PUT|DELETE) \/content\//.test(key)) return void (version += 1);
  if (key === 'POST /content/import') {
    const wrong = body.includes('wrong');
    const dryRun = query.get('dryRun') === 'true';
    const errors = wrong ? [{ row: 3, field: 'department', value: 'wrong', expected: 'id of a department' }] : [];
    return { dryRun, applied: !dryRun && !wrong, added: 2, changed: 1, removed: 0, same: 12, errors };
  }
  if (key.startsWith('POST /people')) return { person: hall.people[0], password: 'maple-otter-4821-lamp' };
  if (key === 'POST /agents') return { agent: String(json['id']), password: 'K7x2-mock-secret-9QpL' };
  const answer = hall.read(key, query);
  if (answer === undefined) throw new Refusal(404, 'NOT_FOUND');
  return answer;
}

const server = createServer((request, response) => {
  void (async () => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (Date.now() < cutUntil) return request.socket.destroy();
    response.setHeader('content-security-policy', csp);
    if (url.pathname === '/dev/feed') return response.end(String((hall.feedFresh = !hall.feedFresh)));
    if (url.pathname === '/dev/cut') {
      cutUntil = Date.now() + 10_000;
      response.end('cut');
      io.disconnectSockets(true);
      return;
    }
    if (url.pathname.startsWith('/api/')) {
      try {
        const answer = api(request.method ?? 'GET', url.pathname, url.searchParams, await bodyOf(request));
        response.setHeader('etag', `"${version}"`);
        response.setHeader('content-type', 'application/json');
        return response.end(answer === undefined ? '' : JSON.stringify(answer));
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        response.writeHead(error.status, { 'content-type': 'application/json' });
        return response.end(JSON.stringify({ code: error.code, message: error.code, requestId: 'r-1', ...error.more }));
      }
    }
    const file = extname(url.pathname) === '' ? 'index.html' : url.pathname;
    const data = await readFile(join(dist, file)).catch(() => undefined);
    response.writeHead(data ? 200 : 404, { 'content-type': types[extname(file)] ?? 'application/octet-stream' });
    return response.end(data);
  })().catch((error: unknown) => {
    console.error(error);
    response.destroy();
  });
});
const io = new Server(server, { path: '/realtime', allowRequest: (_, done) => done(null, Date.now() >= cutUntil) });
void hall.start((changes) => io.emit('changes', changes));
server.listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}`));
