/**
 * The two questions of enrolment over HTTP or HTTPS. Nothing secret goes over this way, and nothing is believed because of it:
 * the answer is judged by the fingerprint of what it says to trust, and the certificate by the key it is for.
 */
import type { LookupAddress } from 'node:dns';
import { request as plain } from 'node:http';
import { request as secure } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { callbackify } from 'node:util';
import {
  EnrolmentAnswer,
  EnrolmentTicket,
  HallError,
  errorCodes,
  type Clock,
  type EnrolmentProof,
  type EnrolmentRequest,
  type ErrorCode,
} from '@hall/contracts';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { hostOf } from '../uplink/connection.ts';
import type { ServerAddresses } from '../uplink/server-address.ts';

/** The server has this long to answer, ms. */
const ANSWER_MS = 10_000;
const MOST_BYTES = 64 * 1024;

export interface ServerApi {
  ask(request: EnrolmentRequest): Promise<EnrolmentTicket>;
  fetch(id: string, proof: Static<typeof EnrolmentProof>): Promise<EnrolmentAnswer>;
}

const known = (code: unknown): code is ErrorCode => typeof code === 'string' && Object.hasOwn(errorCodes, code);

/** @throws from its methods: HallError with the code of the server, DEVICE_OFFLINE without an answer, MESSAGE_INVALID. */
export function serverApi(base: string, hall: string, clock: Clock, signal: AbortSignal, addresses: ServerAddresses): ServerApi {
  const host = hostOf(base);
  async function addressesOf(name: string): Promise<LookupAddress[]> {
    const found = await addresses.of(name);
    return found.filter((one) => isIP(one) !== 0).map((address) => ({ address, family: isIP(address) }));
  }
  const lookup: LookupFunction = (name, { all }, done) => {
    callbackify(addressesOf)(name, (_, [first, ...others]) => {
      if (!first) done(Object.assign(new Error(`${name} is not known`), { code: 'ENOTFOUND' }), '');
      else if (all) done(null, [first, ...others]);
      else done(null, first.address, first.family);
    });
  };
  async function post<T extends TSchema>(path: string, body: object, schema: T): Promise<Static<T>> {
    const over = new AbortController();
    const late = clock.machine.sleep(ANSWER_MS, AbortSignal.any([signal, over.signal])).catch(() => {});
    void late.then(() => over.abort());
    const text = JSON.stringify(body);
    const url = new URL(`/api/v1/halls/${hall}/enrolments${path}`, base);
    try {
      const { status, answer } = await new Promise<{ status: number; answer: string }>((resolve, reject) => {
        const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
        const common = { method: 'POST', headers, signal: over.signal, agent: false as const, lookup };
        const request = url.protocol === 'https:' ? secure(url, { ...common, rejectUnauthorized: false }) : plain(url, common);
        request.on('error', reject);
        request.on('response', (response) => {
          addresses.worked(host, response.socket.remoteAddress ?? '');
          let heard = '';
          response.setEncoding('utf8');
          response.on('error', reject);
          response.on('data', (chunk: string) => {
            heard += chunk;
            if (heard.length > MOST_BYTES) request.destroy(new Error('the answer is too long'));
          });
          response.on('end', () => resolve({ status: response.statusCode ?? 0, answer: heard }));
        });
        request.end(text);
      });
      return read(status, answer, schema);
    } catch (error) {
      if (error instanceof HallError) throw error;
      addresses.failed(host);
      throw new HallError('DEVICE_OFFLINE', { url: base }, error);
    } finally {
      over.abort();
    }
  }
  return {
    ask: (request) => post('', request, EnrolmentTicket),
    fetch: (id, proof) => post(`/${id}/answer`, proof, EnrolmentAnswer),
  };
}

function read<T extends TSchema>(status: number, answer: string, schema: T): Static<T> {
  let value: unknown;
  try {
    value = JSON.parse(answer);
  } catch {
    throw new HallError('MESSAGE_INVALID', { status });
  }
  if (status >= 400) {
    const { code } = value as { code?: unknown };
    throw new HallError(known(code) ? code : 'MESSAGE_INVALID', { status });
  }
  if (!Value.Check(schema, value)) throw new HallError('MESSAGE_INVALID', { status });
  return value as Static<T>;
}
