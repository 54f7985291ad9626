/** A notice as e-mail over the customer's own mail server. */
import { isIP } from 'node:net';
import type { NoticeChannel } from '@hall/contracts';
import { createTransport } from 'nodemailer';
import { addressRefused } from './address.ts';
import type { Secrets } from './formats.ts';
import { wordsOf, type Message } from './message.ts';
import { withoutSecrets, type Outcome } from './outcome.ts';

const TIMEOUT_MS = 10_000;

interface MailError {
  readonly code?: unknown;
  readonly responseCode?: unknown;
  readonly response?: string;
  readonly message?: string;
}

/** RFC 5321, 4.2.1: a reply 4yz may be otherwise the next time, a 5yz will not. Anything without a reply is the network. */
function outcomeOfError(error: MailError, secrets: readonly string[]): Outcome {
  const { code, responseCode, response, message } = error;
  const answer = withoutSecrets(response ?? message ?? '', secrets);
  if (typeof responseCode === 'number' && responseCode > 0) {
    return { verdict: responseCode >= 500 ? 'refused' : 'later', code: `SMTP_${responseCode}`, answer };
  }
  const word = typeof code === 'string' && /^[A-Z0-9_]{1,60}$/.test(code) ? code : 'NETWORK';
  return { verdict: word === 'EAUTH' || word === 'EENVELOPE' ? 'refused' : 'later', code: word, answer };
}

/** One try. Never throws. The message id stays the same for every try. */
export async function mail(
  channel: NoticeChannel,
  secrets: Secrets,
  message: Message,
  { timeoutMs = TIMEOUT_MS }: { readonly timeoutMs?: number } = {},
): Promise<Outcome> {
  const { host = '', port = 25, security = 'starttls', user, from = '' } = channel;
  if (isIP(host) !== 0 && addressRefused(host)) return { verdict: 'refused', code: 'ADDRESS_REFUSED', answer: '' };
  const { password = '' } = secrets;
  const hidden = password === '' ? [] : [password, Buffer.from(password).toString('base64')];
  const transport = createTransport({
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    ...(user !== undefined && { auth: { user, pass: password } }),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
    logger: false,
  });
  try {
    const { title, lines } = wordsOf(message, channel.language);
    const { response } = await transport.sendMail({
      from,
      to: message.people.flatMap(({ email }) => email ?? []),
      subject: title,
      text: `${[title, '', ...lines].join('\n')}\n`,
      messageId: `<${message.id}@${message.hall.id}.hall-control>`,
      headers: { 'Auto-Submitted': 'auto-generated' },
    });
    return { verdict: 'sent', code: 'SENT', answer: withoutSecrets(response, hidden) };
  } catch (error) {
    return outcomeOfError(error as MailError, hidden);
  } finally {
    transport.close();
  }
}
