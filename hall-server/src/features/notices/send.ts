/** Gets one message to one channel, whatever its kind. One try; the courier decides about others. */
import type { Clock, NoticeChannel } from '@hall/contracts';
import { addressOfText } from './address.ts';
import { isPostKind, requestOf, type PostKind, type Secrets } from './formats.ts';
import { mail } from './mail.ts';
import { wordsOf, type Message } from './message.ts';
import type { Outcome } from './outcome.ts';
import { post } from './post.ts';

/** A notice to be spoken in the office of the hall. */
export interface VoiceNotice {
  /** The same for every try; whoever speaks says each id once. */
  readonly id: string;
  readonly what: Message['what'];
  /** Whole sentences. */
  readonly zh: string;
  readonly en: string;
}
/** Whoever can speak. Resolves when the speech was taken, rejects if it cannot be. */
export type Voice = (notice: VoiceNotice) => Promise<void>;

export interface SendOptions {
  readonly clock: Clock;
  readonly voice: () => Voice | undefined;
  /** For tests; default 10 s. */
  readonly timeoutMs?: number;
}
export type Send = (channel: NoticeChannel, secrets: Secrets, message: Message) => Promise<Outcome>;

const isPosted = (channel: NoticeChannel): channel is NoticeChannel & { readonly kind: PostKind } => isPostKind(channel.kind);

/** Never rejects. */
export function createSend({ clock, voice, timeoutMs }: SendOptions): Send {
  const limit = timeoutMs === undefined ? {} : { timeoutMs };
  const speak = async (message: Message): Promise<Outcome> => {
    const speaker = voice();
    if (!speaker) return { verdict: 'later', code: 'NO_VOICE', answer: '' };
    const say = (language: 'zh' | 'en') => {
      const { title, lines } = wordsOf(message, language);
      return [title, ...lines].join(language === 'zh' ? '。' : '. ');
    };
    try {
      await speaker({ id: message.id, what: message.what, zh: say('zh'), en: say('en') });
      return { verdict: 'sent', code: 'SENT', answer: '' };
    } catch {
      return { verdict: 'later', code: 'VOICE_FAILED', answer: '' };
    }
  };
  return async (channel, secrets, message) => {
    if (channel.kind === 'console') return { verdict: 'sent', code: 'SHOWN', answer: '' };
    if (channel.kind === 'voice') return speak(message);
    if (channel.kind === 'email') return mail(channel, secrets, message, limit);
    const origin = addressOfText(channel.url ?? '')?.origin;
    if (origin === undefined || !isPosted(channel)) return { verdict: 'refused', code: 'ADDRESS_REFUSED', answer: '' };
    const wallMs = clock.wall.nowMs();
    const hidden = Object.values(secrets);
    return post(requestOf(channel, secrets, message, wallMs), {
      kind: channel.kind,
      origin,
      secrets: hidden,
      machine: clock.machine,
      wallMs,
      ...limit,
    });
  };
}
