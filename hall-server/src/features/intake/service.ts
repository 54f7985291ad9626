/** The intake on the main thread: hands over what known senders have sent and counts what became of it. Knows no HTTP and no MQTT. */
import type { Clock } from '@hall/contracts';
import type { Submission, SubmissionReply, Webhook } from '../../platform/store/protocol.ts';
import type { Writer } from '../../platform/store/writer.ts';
import type { Feed } from './feed.ts';
import type { Platform } from './platforms.ts';

/** What was sent, as text, and how it is to be read. */
export type Given = Pick<Submission, 'form' | 'text' | 'fault'>;

export interface IntakeService {
  /**
   * Records the events and resolves after the commit, with one outcome per event in order.
   * @throws HallError BODY_NOT_JSON, EVENT_INVALID, BATCH_EMPTY, BATCH_TOO_LONG, SIGNATURE_REPLAYED, STORE_FULL, STORE_FAILED.
   */
  submit(platform: Platform, given: Given, webhook?: Webhook): Promise<SubmissionReply>;
}

export interface IntakeOptions {
  readonly writer: Pick<Writer, 'submit'>;
  readonly clock: Clock;
  readonly feed: Pick<Feed, 'count'>;
}

export const createIntake = ({ writer, clock, feed }: IntakeOptions): IntakeService => ({
  submit: async ({ id, sourcesJson }, { form, text, fault }, webhook) => {
    const reply = await writer.submit({
      platform: id,
      sources: sourcesJson,
      receivedAt: clock.wall.nowMs(),
      hallMs: clock.hall.nowMs(),
      form,
      text,
      ...(fault && { fault }),
      ...(webhook && { webhook }),
    });
    feed.count(reply);
    return reply;
  },
});
