/** Sends one request and reads a bounded answer: no redirect, no retry, no address that nobody means. */
import { lookup } from 'node:dns';
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { MachineTime } from '@hall/contracts';
import { addressRefused } from './address.ts';
import type { PostKind, PostRequest } from './formats.ts';
import { outcomeOf, withoutSecrets, type Outcome } from './outcome.ts';

const TIMEOUT_MS = 10_000;
const ANSWER_BYTES = 16 * 1024;

export interface PostOptions {
  readonly kind: PostKind;
  /** Scheme, host and port that the settings name; a request to any other is refused. */
  readonly origin: string;
  /** Never part of an answer or error. */
  readonly secrets: readonly string[];
  readonly machine: MachineTime;
  /** Wall time, Unix ms. */
  readonly wallMs: number;
  readonly timeoutMs?: number;
}

class AddressRefused extends Error {
  readonly code = 'ADDRESS_REFUSED';
}

/** Looks a name up and refuses what it leads to, if that is no place for a message; the connection goes to the address checked. */
const guardedLookup: LookupFunction = (host, options, done) => {
  lookup(host, { ...options, all: true }, (error, found) => {
    if (error) return done(error, '');
    const addresses = found as unknown as Array<{ address: string; family: number }>;
    if (addresses.some(({ address }) => addressRefused(address))) return done(new AddressRefused(), '');
    const [first] = addresses;
    if (options.all === true) return (done as unknown as (e: null, all: typeof addresses) => void)(null, addresses);
    done(null, first?.address ?? '', first?.family ?? 4);
  });
};

/** The first bytes of an answer; what is longer is not read. */
async function textOf(reply: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of reply as AsyncIterable<Buffer>) {
    parts.push(part);
    bytes += part.length;
    if (bytes >= ANSWER_BYTES) break;
  }
  reply.destroy();
  return Buffer.concat(parts).subarray(0, ANSWER_BYTES).toString('utf8');
}

function answerOf(given: PostRequest, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { url, headers, body } = given;
    const content = Buffer.from(body);
    const options: RequestOptions = {
      method: 'POST',
      headers: { ...headers, 'content-length': String(content.length), 'user-agent': 'hall-control' },
      agent: false,
      lookup: guardedLookup,
      signal,
    };
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const request = send(url, options, resolve);
    request.on('error', reject);
    request.end(content);
  });
}

/** One try. Never throws. */
export async function post(given: PostRequest, options: PostOptions): Promise<Outcome> {
  const { url } = given;
  const { kind, origin, secrets, machine, wallMs, timeoutMs = TIMEOUT_MS } = options;
  const refused = (code: string): Outcome => ({ verdict: 'refused', code, answer: '' });
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  const allowed = (url.protocol === 'https:' || url.protocol === 'http:') && url.origin === origin && url.username === '';
  if (!allowed || (isIP(literal) !== 0 && addressRefused(literal))) return refused('ADDRESS_REFUSED');
  const deadline = new AbortController();
  const over = new AbortController();
  let late = false;
  machine.sleep(timeoutMs, over.signal).then(
    () => {
      late = true;
      deadline.abort();
    },
    () => {},
  );
  try {
    const reply = await answerOf(given, deadline.signal);
    const { statusCode: status = 0, headers } = reply;
    const body = await textOf(reply);
    return outcomeOf(kind, { status, retryAfter: headers['retry-after'], body }, secrets, wallMs);
  } catch (error) {
    if (late) return { verdict: 'later', code: 'TIMEOUT', answer: '' };
    const { code, message } = error as { code?: unknown; message?: unknown };
    if (code === 'ADDRESS_REFUSED') return refused('ADDRESS_REFUSED');
    const word = typeof code === 'string' && /^[A-Z0-9_]{1,60}$/.test(code) ? code : 'NETWORK';
    return { verdict: 'later', code: word, answer: withoutSecrets(String(message), secrets) };
  } finally {
    over.abort('answered');
  }
}
