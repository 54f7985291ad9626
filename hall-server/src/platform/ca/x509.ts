/**
 * Certificates as this product uses them: P-256 keys, ECDSA with SHA-256, X.509 (RFC 5280) and PKCS #10 (RFC 2986). The one file
 * of the server that knows the library which writes them.
 */
import { createHash, createPublicKey, randomBytes, webcrypto, X509Certificate, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const SERIAL_BYTES = 16;

/** The library is 18 MB of memory, and only needed when a request is read or a certificate made. */
async function library(): Promise<typeof import('@peculiar/x509')> {
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  x509.cryptoProvider.set(webcrypto as unknown as Parameters<typeof x509.cryptoProvider.set>[0]);
  return x509;
}
type Library = Awaited<ReturnType<typeof library>>;

/** A key and its certificate, both PEM; the key is PKCS #8. */
export interface Identity {
  readonly key: string;
  readonly certificate: string;
}

/** What is in a certificate, for rules and people. Times are Unix ms. */
export interface CertificateFacts {
  /** Of the whole certificate (SHA-256 over its DER). */
  readonly fingerprint: string;
  /** Of the public key (SHA-256 over its SPKI). */
  readonly keyFingerprint: string;
  readonly name: string;
  readonly names: readonly string[];
  readonly from: number;
  readonly until: number;
}

/** How long, in Unix ms. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

/** One spelling for each address: certificates are read with all eight groups of IPv6, machines say `::1`. */
export const canonical = (name: string): string =>
  isIP(name) === 6 ? new URL(`http://[${name}]`).hostname.slice(1, -1) : name.toLowerCase();

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const spkiOf = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' });
/** SHA-256 over the SPKI of a public key. */
export const keyFingerprintOf = (key: KeyObject): string => sha256(spkiOf(key));

/** @throws Error if the text holds no certificate. */
export function factsOf(pem: string): CertificateFacts {
  const certificate = new X509Certificate(pem);
  const name = /^CN=(.*)$/m.exec(certificate.subject)?.[1] ?? '';
  const names = (certificate.subjectAltName ?? '')
    .split(', ')
    .map((each) => canonical(each.replace(/^(?:DNS|IP Address):/, '')))
    .filter((each) => each !== '');
  return {
    fingerprint: sha256(certificate.raw),
    keyFingerprint: keyFingerprintOf(certificate.publicKey),
    name,
    names,
    from: Date.parse(certificate.validFrom),
    until: Date.parse(certificate.validTo),
  };
}

export interface KeyRequest {
  /** SPKI, DER, base64. */
  readonly publicKey: string;
  readonly keyFingerprint: string;
}

/** The key of a PKCS #10 request that it has signed itself; undefined for anything else, or another curve. */
export async function readRequest(pem: string): Promise<KeyRequest | undefined> {
  const x509 = await library();
  try {
    const request = new x509.Pkcs10CertificateRequest(pem);
    const key = createPublicKey({ key: Buffer.from(request.publicKey.rawData), format: 'der', type: 'spki' });
    if (key.asymmetricKeyType !== 'ec' || key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') return undefined;
    if (!(await request.verify())) return undefined;
    return { publicKey: spkiOf(key).toString('base64'), keyFingerprint: keyFingerprintOf(key) };
  } catch {
    return undefined;
  }
}

const makeKeys = () => webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
async function pemOf(x509: Library, key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}
const keyOf = (x509: Library, pem: string) =>
  webcrypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(pem), ALGORITHM, false, ['sign']);
const dates = ({ from, until }: Span) => ({ notBefore: new Date(from), notAfter: new Date(until) });
/** Positive and never the same (RFC 5280 §4.1.2.2). */
const serial = (): string => {
  const bytes = randomBytes(SERIAL_BYTES);
  bytes[0] = ((bytes[0] as number) & 0x7f) | 0x40;
  return bytes.toString('hex');
};

/** A new authority that signs end certificates only. */
export async function makeAuthority(name: string, span: Span): Promise<Identity> {
  const x509 = await library();
  const keys = await makeKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: [{ CN: [name] }],
    ...dates(span),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { key: await pemOf(x509, keys.privateKey), certificate: certificate.toString('pem') };
}

export interface Issue {
  readonly authority: Identity;
  /** Common name. */
  readonly name: string;
  readonly use: 'client' | 'server';
  /** Names and addresses a server goes by. */
  readonly names?: readonly string[];
  /** SPKI, DER, base64. */
  readonly publicKey: string;
  readonly span: Span;
}

/** Signs a certificate for a public key; PEM. */
export async function issue({ authority, name, use, names = [], publicKey, span }: Issue): Promise<string> {
  const x509 = await library();
  const above = new x509.X509Certificate(authority.certificate);
  const key = new x509.PublicKey(Buffer.from(publicKey, 'base64'));
  const { clientAuth, serverAuth } = x509.ExtendedKeyUsage;
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: [{ CN: [name] }],
    issuer: above.subjectName,
    ...dates(span),
    publicKey: key,
    signingKey: await keyOf(x509, authority.key),
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([use === 'client' ? clientAuth : serverAuth]),
      await x509.SubjectKeyIdentifierExtension.create(key),
      await x509.AuthorityKeyIdentifierExtension.create(above),
      ...(names.length > 0
        ? [
            new x509.SubjectAlternativeNameExtension(
              names.map((value) => ({ type: isIP(value) ? ('ip' as const) : ('dns' as const), value })),
            ),
          ]
        : []),
    ],
  });
  return certificate.toString('pem');
}

/** The same with a key made for it. */
export async function issueWithKey(given: Omit<Issue, 'publicKey'>): Promise<Identity> {
  const x509 = await library();
  const keys = await makeKeys();
  const publicKey = Buffer.from(await webcrypto.subtle.exportKey('spki', keys.publicKey)).toString('base64');
  return { key: await pemOf(x509, keys.privateKey), certificate: await issue({ ...given, publicKey }) };
}
