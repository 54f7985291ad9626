/**
 * Where the hall server's name leads. A name service that fails, or answers with an address where nobody is, does not part agent and
 * server: the address at which the server was reached last is kept on disk and tried as well. The name is asked anew at every
 * connect, so a server that has moved is followed.
 */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Clock } from '@hall/contracts';
import type { Logger } from 'pino';

/** A name service has this long to answer, ms. */
const ANSWER_MS = 2000;

export type Resolve = (host: string) => Promise<readonly string[]>;

export const resolveName: Resolve = async (host) => (await lookup(host, { all: true })).map(({ address }) => address);

/** What to try, in this order: what the name says, the one that worked before the others, and that one also if the name no longer says it. */
export function candidates(found: readonly string[], good: string | undefined): readonly string[] {
  if (good === undefined) return found;
  return found.includes(good) ? [good, ...found.filter((one) => one !== good)] : [...found, good];
}

export interface ServerAddresses {
  /** Addresses of a host, the one whose turn it is first; the host itself if none is known. Never rejects. */
  of(host: string): Promise<readonly [string, ...string[]]>;
  /** The server was reached there. */
  worked(host: string, address: string): void;
  /** It was not; the next address has its turn. */
  failed(host: string): void;
}

export interface AddressOptions {
  /** Last good address by host. */
  readonly remembered: Readonly<Record<string, string>>;
  readonly resolve: Resolve;
  save(good: Readonly<Record<string, string>>): Promise<void>;
}

export function createServerAddresses(
  { remembered, resolve, save }: AddressOptions,
  { machine }: Clock,
  log: Logger,
): ServerAddresses {
  let good = remembered;
  const failures = new Map<string, number>();

  async function ask(host: string): Promise<readonly string[]> {
    const answered = new AbortController();
    const late = machine.sleep(ANSWER_MS, answered.signal).then(
      () => [],
      () => [],
    );
    const found = await Promise.race([resolve(host).catch(() => []), late]);
    answered.abort();
    if (found.length === 0 && (failures.get(host) ?? 0) === 0)
      log.warn({ host, good: good[host] }, 'name of the server not resolved');
    return found;
  }

  return {
    async of(host) {
      if (isIP(host) !== 0) return [host];
      const all = candidates(await ask(host), good[host]);
      const turn = all.length === 0 ? 0 : (failures.get(host) ?? 0) % all.length;
      const [first = host, ...others] = [...all.slice(turn), ...all.slice(0, turn)];
      return [first, ...others];
    },
    worked(host, address) {
      failures.delete(host);
      if (isIP(host) !== 0 || isIP(address) === 0 || good[host] === address) return;
      good = { ...good, [host]: address };
      save(good).catch((error: unknown) => log.error({ err: error }, 'address of the server could not be stored'));
    },
    failed(host) {
      failures.set(host, (failures.get(host) ?? 0) + 1);
    },
  };
}
