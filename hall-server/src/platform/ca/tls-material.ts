/** What the server shows on its TLS listeners: its certificate of the hall CA, or the customer's own; renewed without a pause. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { HallError, type Clock } from '@hall/contracts';
import type { Logger } from 'pino';
import { ownNames, type Authority } from './authority.ts';
import { factsOf, type CertificateFacts } from './x509.ts';

/** How often files and the age of the certificate are looked at, ms. */
const LOOK_MS = 10_000;

export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
  readonly caFile?: string | undefined;
}

/** For `tls.Server.setSecureContext`; `ca` judges client certificates. */
export interface TlsMaterial {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

export interface TlsKeeper {
  readonly material: TlsMaterial;
  /** Of the certificate that is shown. */
  readonly facts: CertificateFacts;
  /** Whom agents are to trust; PEM. */
  readonly trust: string;
  /** Called with new material; connections that are open go on. */
  onRenewed(listener: (material: TlsMaterial) => void): void;
  /** Looks whether there is something new, now. */
  look(): Promise<void>;
  /** Looks from time to time until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

export interface TlsKeeperOptions {
  readonly authority: Authority;
  readonly clock: Clock;
  readonly log: Logger;
  /** More names the server goes by. */
  readonly names: readonly string[];
  /** The customer's certificate instead of one of the hall CA. */
  readonly files?: TlsFiles | undefined;
}

interface Shown {
  readonly cert: string;
  readonly key: string;
  readonly trust: string;
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** @throws HallError CERTIFICATE_INVALID `{file, reason}`. */
function readFiles({ certFile, keyFile, caFile }: TlsFiles): Shown {
  const reading = (file: string): string => {
    try {
      return readFileSync(file, 'utf8');
    } catch (error) {
      throw new HallError('CERTIFICATE_INVALID', { file, reason: 'cannot be read' }, error);
    }
  };
  const cert = reading(certFile);
  const key = reading(keyFile);
  const chain = cert.match(CERTIFICATE) ?? [];
  // The end of the chain is what agents trust, unless the file of the customer's authority is named.
  const trust = caFile === undefined ? (chain.at(-1) ?? '') : reading(caFile);
  try {
    if (!new X509Certificate(chain[0] ?? '').checkPrivateKey(createPrivateKey(key))) throw new Error('not its key');
    createSecureContext({ cert, key, ca: trust });
    factsOf(trust);
  } catch (error) {
    throw new HallError('CERTIFICATE_INVALID', { file: certFile, reason: 'certificate, key and authority do not fit' }, error);
  }
  return { cert, key, trust };
}

/** @throws HallError CERTIFICATE_INVALID if the files at the start are of no use; later ones like that are told and left. */
export async function keepTls({ authority, clock, log, names, files }: TlsKeeperOptions): Promise<TlsKeeper> {
  const listeners: Array<(material: TlsMaterial) => void> = [];
  const marks = () =>
    files
      ? [files.certFile, files.keyFile, files.caFile].map((file) => file && statSync(file, { throwIfNoEntry: false })?.mtimeMs)
      : [];
  const read = async (): Promise<Shown> => {
    if (files) return readFiles(files);
    const { certificate, key } = await authority.serverIdentity([...new Set([...ownNames(), ...names])]);
    return { cert: certificate, key, trust: authority.certificate };
  };
  let seen = marks().join();
  let shown = await read();
  const materialOf = ({ cert, key }: Shown): TlsMaterial => ({ cert, key, ca: authority.certificate });

  const look = async (): Promise<void> => {
    const now = marks().join();
    if (files && now === seen) return;
    seen = now;
    try {
      const next = await read();
      if (next.cert === shown.cert && next.key === shown.key && next.trust === shown.trust) return;
      shown = next;
      log.info({ until: new Date(factsOf(shown.cert).until).toISOString() }, 'server certificate is another');
      for (const listener of listeners) listener(materialOf(shown));
    } catch (error) {
      log.error({ error }, 'new server certificate is of no use; the one before stays');
    }
  };
  return {
    get material() {
      return materialOf(shown);
    },
    get facts() {
      return factsOf(shown.cert);
    },
    get trust() {
      return shown.trust;
    },
    onRenewed: (listener) => void listeners.push(listener),
    look,
    run: async (signal) => {
      while (!signal.aborted) {
        await clock.machine.sleep(LOOK_MS, signal).catch(() => {});
        if (!signal.aborted) await look();
      }
    },
  };
}
