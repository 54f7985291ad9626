import { createHmac } from 'node:crypto';

/** The three headers of Standard Webhooks. */
export interface SignatureHeaders {
  readonly 'webhook-id': string;
  readonly 'webhook-timestamp': string;
  readonly 'webhook-signature': string;
}

/**
 * Signs a body after Standard Webhooks: HMAC-SHA256 over `id.timestamp.body` with the secret behind `whsec_` (base64).
 * `atMs` is wall time, Unix ms.
 */
export function signWebhook(secret: string, id: string, atMs: number, body: string): SignatureHeaders {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const timestamp = String(Math.floor(atMs / 1000));
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}
