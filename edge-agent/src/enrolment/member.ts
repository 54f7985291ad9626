/** An agent as a member of the fleet: gets its identity, keeps it young, and says how to sign in. */
import { codeOf } from '@hall/contracts';
import type { Credentials } from '../uplink/connection.ts';
import { changeKey, enrol, type Codes, type EnrolDeps, type EnrolOptions } from './enrol.ts';
import { renewalAt, type Identity } from './identity.ts';

/** How often it is looked whether the certificate is to be renewed, ms. */
const LOOK_MS = 3_600_000;
/** A renewal that failed is tried again after this, ms. */
const AGAIN_MS = 300_000;

export interface MemberOptions extends Omit<EnrolOptions, 'onCodes'> {
  /** Address of the broker where it is not the one the server tells. */
  readonly mqttUrl?: string | undefined;
  readonly onCodes: (codes: Codes | undefined) => void;
  /** Once: who this agent is. */
  readonly onIdentity: (identity: Identity) => void;
  /** The agent has another key; its connection is to be made anew. */
  readonly onRenewed: () => void;
}

export interface Member {
  readonly codes: Codes | undefined;
  readonly identity: Identity | undefined;
  /** How to sign in; every second time it was refused, with the key before. */
  credentials(refusals: number): Credentials;
  /** Another key now. @throws HallError as the server answers. */
  renew(): Promise<void>;
  close(): Promise<void>;
}

/** Where the agent of an identity finds its broker. */
export function brokerUrl({ broker }: Identity, serverUrl: string, given: string | undefined): string {
  return given ?? `mqtts://${broker.host ?? new URL(serverUrl).hostname}:${broker.port}`;
}

/** @throws HallError CONFIG_INVALID if what it keeps is damaged. */
export function startMember(options: MemberOptions, deps: EnrolDeps): Member {
  const { files, onIdentity, onRenewed } = options;
  const { clock, log, random } = deps;
  const stop = new AbortController();
  let codes: Codes | undefined;
  let identity = files.read();
  const spread = random();
  let renewing: Promise<void> | undefined;
  const onCodes = (shown: Codes | undefined) => {
    codes = shown;
    options.onCodes(shown);
  };

  const renew = (): Promise<void> => {
    renewing ??= (async () => {
      try {
        if (!identity) return;
        identity = await changeKey({ ...options, onCodes, identity }, deps, stop.signal);
        onRenewed();
      } finally {
        renewing = undefined;
      }
    })();
    return renewing;
  };
  async function run(): Promise<void> {
    // Whoever starts a member has it in hand before the first word of it.
    await Promise.resolve();
    identity ??= await enrol({ ...options, onCodes }, deps, stop.signal);
    onIdentity(identity);
    while (!stop.signal.aborted) {
      let waitMs = LOOK_MS;
      if (clock.wall.nowMs() >= renewalAt(identity.certificate, spread)) {
        try {
          await renew();
        } catch (error) {
          log.warn({ code: codeOf(error) }, 'certificate not renewed yet');
          waitMs = AGAIN_MS;
        }
      }
      await clock.machine.sleep(waitMs, stop.signal);
    }
  }
  const running = run().catch((error: unknown) => {
    if (!stop.signal.aborted) log.error({ err: error }, 'enrolment ended');
  });

  return {
    get codes() {
      return codes;
    },
    get identity() {
      return identity;
    },
    credentials: (refusals) => {
      if (!identity) throw new Error('not admitted yet');
      const { key, certificate, trust, previous } = identity;
      // A server that was put back knows the key before, not this one.
      const pair = previous && refusals % 2 === 1 ? previous : { key, certificate };
      return { key: pair.key, cert: pair.certificate, ca: trust };
    },
    renew,
    close: async () => {
      stop.abort();
      await running;
      await renewing?.catch(() => {});
    },
  };
}
