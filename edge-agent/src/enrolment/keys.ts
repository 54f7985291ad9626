/** Keys of an agent and requests for certificates. The library is loaded only when a request is made, which is seldom. */
import {
  createPrivateKey,
  createPublicKey,
  createHash,
  generateKeyPairSync,
  sign,
  webcrypto,
  X509Certificate,
} from 'node:crypto';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** A new P-256 key, PKCS #8 PEM. */
export const newKey = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

/** SHA-256 over the SPKI of the public half. */
export const fingerprintOf = (key: string): string =>
  createHash('sha256')
    .update(createPublicKey(createPrivateKey(key)).export({ type: 'spki', format: 'der' }))
    .digest('hex');

/** ECDSA with SHA-256, base64. */
export const signText = (key: string, text: string): string =>
  sign('sha256', Buffer.from(text), createPrivateKey(key)).toString('base64');

/** Whether a certificate is for this key and this name. */
export function fits(certificate: string, key: string, name: string): boolean {
  try {
    const parsed = new X509Certificate(certificate);
    return parsed.checkPrivateKey(createPrivateKey(key)) && parsed.subject === `CN=${name}`;
  } catch {
    return false;
  }
}

/** A PKCS #10 request (RFC 2986) signed by the key; PEM. The name in it counts for nothing: the server gives one. */
export async function requestFor(key: string): Promise<string> {
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  x509.cryptoProvider.set(webcrypto as unknown as Parameters<typeof x509.cryptoProvider.set>[0]);
  const pkcs8 = createPrivateKey(key).export({ type: 'pkcs8', format: 'der' });
  const spki = createPublicKey(createPrivateKey(key)).export({ type: 'spki', format: 'der' });
  const [privateKey, publicKey] = await Promise.all([
    webcrypto.subtle.importKey('pkcs8', pkcs8, ALGORITHM, false, ['sign']),
    webcrypto.subtle.importKey('spki', spki, ALGORITHM, true, ['verify']),
  ]);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: [{ CN: ['agent'] }],
    keys: { privateKey, publicKey },
    signingAlgorithm: ALGORITHM,
  });
  return request.toString('pem');
}
