import type { ErrorReply } from '@hall/contracts';
import { learnServerOffset } from './server-offset.ts';

/** What a failed call says: a reply of the server, or that there was none. */
export class ApiError extends Error {
  /** HTTP status; 0 when no reply came. */
  readonly status: number;
  readonly reply: ErrorReply | undefined;
  readonly timedOut: boolean;

  constructor(status: number, reply?: ErrorReply, timedOut = false) {
    super(reply?.message ?? (status === 0 ? 'no reply' : `HTTP ${status}`));
    this.name = 'ApiError';
    this.status = status;
    this.reply = reply;
    this.timedOut = timedOut;
  }
}

/** Longest wait for a reply, ms; imports of a whole hall fit in. */
const TIMEOUT_MS = 15_000;
let csrf = '';
let signedOut: () => void = () => {};

/** Keeps the token of `Me` for every later change. */
export const setCsrf = (token: string): void => {
  csrf = token;
};
/** Called when the server says that nobody is signed in any more. */
export const onSignedOut = (listener: () => void): void => {
  signedOut = listener;
};

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

interface Call {
  readonly body?: unknown;
  /** Sent as it is, with this content type, instead of a JSON body. */
  readonly raw?: { readonly text: string | Blob; readonly type: string };
  /** Longest wait for a reply, ms. */
  readonly timeoutMs?: number;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly signal?: AbortSignal;
  /** Version the change was made from. */
  readonly etag?: string | undefined;
}

/** Path and query; undefined values are left out. */
export function addressOf(path: string, query: Call['query'] = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  const search = new URLSearchParams(given.map(([key, value]) => [key, String(value)])).toString();
  return `/api/v1${path}${search && `?${search}`}`;
}

async function send(method: Method, path: string, call: Call): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (method !== 'GET' && csrf) headers['x-csrf-token'] = csrf;
  const init: RequestInit = { method, headers, credentials: 'same-origin', cache: 'no-store' };
  if (call.raw) {
    headers['content-type'] = call.raw.type;
    init.body = call.raw.text;
  } else if (call.body !== undefined) {
    headers['content-type'] = 'application/json';
    init.body = JSON.stringify(call.body);
  }
  if (call.etag !== undefined) headers['if-match'] = call.etag;
  const timeout = AbortSignal.timeout(call.timeoutMs ?? TIMEOUT_MS);
  init.signal = call.signal ? AbortSignal.any([call.signal, timeout]) : timeout;
  try {
    return await fetch(addressOf(path, call.query), init);
  } catch (error) {
    if (call.signal?.aborted) throw error;
    throw new ApiError(0, undefined, timeout.aborted);
  }
}

const isErrorReply = (value: unknown): value is ErrorReply =>
  typeof value === 'object' && value !== null && 'code' in value && 'message' in value;

async function check(response: Response): Promise<Response> {
  learnServerOffset(response.headers.get('date'), Date.now());
  if (response.ok) return response;
  const body: unknown = await response.json().catch(() => undefined);
  const reply = isErrorReply(body) ? body : undefined;
  if (response.status === 401 && reply?.code === 'SIGN_IN_REQUIRED') signedOut();
  throw new ApiError(response.status, reply);
}

/** Calls the API and reads its JSON; an empty reply is `undefined`. Throws `ApiError`. */
export async function call<R>(method: Method, path: string, options: Call = {}): Promise<R> {
  return (await callTagged<R>(method, path, options)).body;
}

/** Like `call`, with the version of what was read. */
export async function callTagged<R>(
  method: Method,
  path: string,
  options: Call = {},
): Promise<{ body: R; etag: string | undefined }> {
  const response = await check(await send(method, path, options));
  const text = await response.text();
  return { body: (text === '' ? undefined : JSON.parse(text)) as R, etag: response.headers.get('etag') ?? undefined };
}

/** Reads a text file, such as an export. Throws `ApiError`. */
export async function download(path: string, query?: Call['query']): Promise<string> {
  const response = await check(await send('GET', path, query ? { query } : {}));
  return response.text();
}
