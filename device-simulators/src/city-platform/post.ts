import { Agent, request } from 'node:http';

export interface PostReply {
  readonly status: number;
  readonly retryAfterS: number | undefined;
  readonly body: string;
}
export interface Poster {
  /** Posts and reads the whole reply; rejects where the connection fails or the signal aborts. */
  post(path: string, headers: Record<string, string>, body: string, signal: AbortSignal): Promise<PostReply>;
  close(): void;
}

/** HTTP posts to one server over one kept connection. */
export function createPoster(baseUrl: string): Poster {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return {
    post: (path, headers, body, signal) =>
      new Promise((resolve, reject) => {
        const bytes = Buffer.from(body);
        const sent = request(
          new URL(path, baseUrl),
          { method: 'POST', agent, signal, headers: { ...headers, 'content-length': bytes.length } },
          (reply) => {
            const parts: Buffer[] = [];
            reply.on('data', (part: Buffer) => parts.push(part));
            reply.on('error', reject);
            reply.on('aborted', () => reject(new Error('the reply was cut off')));
            reply.on('end', () => {
              const retryAfter = Number(reply.headers['retry-after']);
              resolve({
                status: reply.statusCode ?? 0,
                retryAfterS: Number.isFinite(retryAfter) ? retryAfter : undefined,
                body: Buffer.concat(parts).toString('utf8'),
              });
            });
          },
        );
        sent.on('error', reject);
        sent.end(bytes);
      }),
    close: () => agent.destroy(),
  };
}
