/** The walk of an agent: it asks with a key, shows its code until a person has decided, and keeps what it was given. */
import { hostname } from 'node:os';
import { codeOf, HallError, keyChangeText, proofText, type Clock, type EnrolmentRequest } from '@hall/contracts';
import { shortCode } from '@hall/runtime';
import type { Logger } from 'pino';
import { backoffMs } from '../backoff.ts';
import { VERSION } from '../version.ts';
import { certificateFingerprint, type Identity, type IdentityFiles } from './identity.ts';
import { fingerprintOf, fits, newKey, requestFor, signText } from './keys.ts';
import type { ServerAddresses } from '../uplink/server-address.ts';
import { serverApi, type ServerApi } from './server-api.ts';

/** How often it is asked whether somebody has decided, ms. */
const ASK_MS = 2000;
/** A request that was rejected is made again after this, ms. */
const REJECTED_MS = 60_000;
const FIRST_MS = 500;
const CAP_MS = 15_000;

/** What a person compares: the code of this agent's key, and the one of what it was told to trust. */
export interface Codes {
  readonly code: string;
  readonly trustCode: string;
}

export interface EnrolOptions {
  readonly hall: string;
  /** `http://…` or `https://…` of the server. */
  readonly url: string;
  readonly wish?: string | undefined;
  /** SHA-256 of what the server must tell to trust. */
  readonly caFingerprint?: string | undefined;
  readonly files: IdentityFiles;
  /** Codes to show; undefined when there is nothing to compare any more. */
  readonly onCodes: (codes: Codes | undefined) => void;
}

export interface EnrolDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: () => number;
  readonly addresses: ServerAddresses;
}

/** Thrown for an answer that must not be taken, whoever sent it. */
async function judgeTrust(trust: string, pinned: string | undefined): Promise<string> {
  let fingerprint: string;
  try {
    fingerprint = certificateFingerprint(trust);
  } catch (error) {
    throw new HallError('MESSAGE_INVALID', {}, error);
  }
  if (pinned !== undefined && pinned.toLowerCase() !== fingerprint) throw new HallError('SERVER_UNTRUSTED', { fingerprint });
  // Made here from what came, not taken from the answer: it is what a person compares.
  return shortCode(fingerprint);
}

/** The hostname as the request may say it. */
const machineName = (): string =>
  hostname()
    .replaceAll(/[^\x21-\x7e]/g, '')
    .slice(0, 64) || 'unknown';

interface Walk extends EnrolOptions {
  readonly api: ServerApi;
  readonly key: string;
  readonly change?: { readonly agent: string; readonly oldKey: string };
}

/** One request from asking to its end; undefined when it is to be made anew. */
async function walk(options: Walk, { clock }: EnrolDeps, signal: AbortSignal): Promise<Identity | 'rejected'> {
  const { hall, api, key, change, wish, caFingerprint } = options;
  const fingerprint = fingerprintOf(key);
  const request: EnrolmentRequest = {
    csr: await requestFor(key),
    host: machineName(),
    version: VERSION,
    ...(wish !== undefined && { wish }),
    ...(change && { keyOf: change.agent, signature: signText(change.oldKey, keyChangeText(hall, change.agent, fingerprint)) }),
  };
  const ticket = await api.ask(request);
  const trustCode = await judgeTrust(ticket.trust, caFingerprint);
  if (!change) options.onCodes({ code: await shortCode(fingerprint), trustCode });
  let { nonce } = ticket;
  for (;;) {
    const answer = await api.fetch(ticket.id, { nonce, signature: signText(key, proofText(hall, ticket.id, nonce)) });
    if (answer.state === 'rejected') return 'rejected';
    if (answer.state === 'admitted') {
      const { agent, certificate, trust, broker } = answer;
      // A person has compared the code of the ticket, so nothing else may be trusted in the end.
      if (trust !== ticket.trust || !fits(certificate, key, agent)) throw new HallError('SERVER_UNTRUSTED');
      if (change && change.agent !== agent) throw new HallError('SERVER_UNTRUSTED');
      return { agent, hall, key, certificate, trust, broker };
    }
    ({ nonce } = answer);
    await clock.machine.sleep(ASK_MS, signal);
  }
}

/** Asks until it was admitted; what it was given is kept when this resolves. Rejects only when the signal aborts. */
export async function enrol(options: EnrolOptions, deps: EnrolDeps, signal: AbortSignal): Promise<Identity> {
  const { hall, url, files, onCodes } = options;
  const { clock, log, random, addresses } = deps;
  const api = serverApi(url, hall, clock, signal, addresses);
  const key = files.nextKey() ?? newKey();
  files.keepNextKey(key);
  for (let attempt = 1; ; attempt += 1) {
    let waitMs = backoffMs(attempt, FIRST_MS, CAP_MS, random());
    try {
      const outcome = await walk({ ...options, api, key }, deps, signal);
      if (outcome !== 'rejected') {
        files.keep(outcome);
        onCodes(undefined);
        log.info({ agent: outcome.agent }, 'agent admitted');
        return outcome;
      }
      log.warn({}, 'the request of this agent was rejected');
      waitMs = REJECTED_MS;
      attempt = 0;
    } catch (error) {
      if (signal.aborted) throw error;
      const code = codeOf(error);
      // A request that ran out, or a server that was restarted: ask again at once.
      if (code === 'ENROLMENT_UNKNOWN' && attempt > 1) attempt = 1;
      if (attempt <= 1 || code === 'SERVER_UNTRUSTED')
        log.warn({ code, url, error: (error as Error).cause }, 'enrolment goes on');
    }
    await clock.machine.sleep(waitMs, signal);
  }
}

/**
 * Another key for an agent that has one: the old key signs for the new one, and both are kept.
 * @throws HallError as the server answers, DEVICE_OFFLINE, SERVER_UNTRUSTED.
 */
export async function changeKey(
  options: EnrolOptions & { readonly identity: Identity },
  deps: EnrolDeps,
  signal: AbortSignal,
): Promise<Identity> {
  const { hall, url, files, identity } = options;
  const { agent, key: oldKey, certificate } = identity;
  const key = files.nextKey() ?? newKey();
  files.keepNextKey(key);
  const api = serverApi(url, hall, deps.clock, signal, deps.addresses);
  const outcome = await walk({ ...options, api, key, change: { agent, oldKey } }, deps, signal);
  if (outcome === 'rejected') throw new HallError('KEY_REFUSED');
  const next: Identity = { ...outcome, previous: { key: oldKey, certificate } };
  files.keep(next);
  deps.log.info({ agent }, 'agent has another key');
  return next;
}
