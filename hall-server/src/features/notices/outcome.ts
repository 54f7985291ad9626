/** What came of one try, from the answer of the receiver. Pure. */
import type { PostKind } from './formats.ts';

export interface Outcome {
  /** `later`: another try may help. `refused`: it would not. */
  readonly verdict: 'sent' | 'later' | 'refused';
  /** A word for the log: `SENT`, `HTTP_503`, `ERRCODE_93000`, `ECONNREFUSED`, `TIMEOUT` … */
  readonly code: string;
  /** The receiver's own words, cut, without anything secret. */
  readonly answer: string;
  /** The receiver asked to wait this long, ms. */
  readonly retryAfterMs?: number;
}
export interface Answer {
  readonly status: number;
  readonly retryAfter?: string | undefined;
  readonly body: string;
}

const ANSWER_CHARACTERS = 200;
const LONGEST_WAIT_MS = 3_600_000;
/** WeCom: -1 system busy, 45009 called too often. DingTalk: -1 busy, 130101 more than 20 a minute, which blocks for 10 minutes. */
const busyMs: Readonly<Record<string, number>> = { '-1': 5000, '45009': 60_000, '130101': 600_000 };

/** `Retry-After` as seconds or as a date (RFC 9110, 10.2.3), ms; never longer than an hour. */
export function retryAfterMs(value: string | undefined, wallMs: number): number | undefined {
  if (value === undefined) return undefined;
  const ms = /^\d{1,9}$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - wallMs;
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), LONGEST_WAIT_MS) : undefined;
}

/** Takes control characters and everything secret out of words from outside. Short secrets are hidden too. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  let clean = text.replace(/\p{Cc}+/gu, ' ').trim();
  const forms = secrets.flatMap((secret) => {
    const values = [secret, ...new URLSearchParams(secret).values()];
    return values.flatMap((value) => [value, encodeURIComponent(value)]);
  });
  for (const form of forms.toSorted((a, b) => b.length - a.length)) {
    if (form.length >= 4) clean = clean.replaceAll(form, '***');
  }
  return Array.from(clean).slice(0, ANSWER_CHARACTERS).join('');
}

/** Robots answer 200 to everything and say what went wrong in the body. */
function robotOutcome({ body }: Answer, answer: string): Outcome {
  let reply: unknown;
  try {
    reply = JSON.parse(body);
  } catch {
    return { verdict: 'later', code: 'ANSWER_INVALID', answer };
  }
  const errcode: unknown =
    typeof reply === 'object' && reply !== null ? (reply as Record<string, unknown>)['errcode'] : undefined;
  if (errcode === 0) return { verdict: 'sent', code: 'SENT', answer };
  if (typeof errcode !== 'number' || !Number.isInteger(errcode)) return { verdict: 'later', code: 'ANSWER_INVALID', answer };
  const wait = busyMs[String(errcode)];
  const code = `ERRCODE_${errcode}`;
  return wait === undefined ? { verdict: 'refused', code, answer } : { verdict: 'later', code, answer, retryAfterMs: wait };
}

/** What an answer means. `secrets` are taken out of what is kept of it. */
export function outcomeOf(kind: PostKind, given: Answer, secrets: readonly string[], wallMs: number): Outcome {
  const { status, body } = given;
  const answer = withoutSecrets(body, secrets);
  const code = `HTTP_${status}`;
  if (status >= 200 && status < 300) {
    return kind === 'wecom' || kind === 'dingtalk' ? robotOutcome(given, answer) : { verdict: 'sent', code: 'SENT', answer };
  }
  // Following would send the message, and what is secret in it, to an address nobody has set.
  if (status >= 300 && status < 400) return { verdict: 'refused', code: 'REDIRECT_REFUSED', answer };
  const wait = retryAfterMs(given.retryAfter, wallMs);
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    return { verdict: 'later', code, answer, ...(wait !== undefined && { retryAfterMs: wait }) };
  }
  return { verdict: 'refused', code, answer };
}
