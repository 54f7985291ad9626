/** The same events from the platform's MQTT topic: one event or an array; the outcome goes to its outcome topic. */
import { HallError, MAX_PACKET_BYTES, errorCodes, type IntakeReply } from '@hall/contracts';
import type { Logger } from 'pino';
import type { Link } from '../../platform/mqtt/link.ts';
import type { Platforms } from './platforms.ts';
import type { IntakeService } from './service.ts';
import { decodeUtf8 } from './strict-json.ts';

export interface MqttIntakeOptions {
  readonly hall: string;
  readonly platforms: Platforms;
  readonly intake: IntakeService;
  readonly log: Logger;
  readonly link: () => Pick<Link, 'send'> | undefined;
}

/**
 * Resolves when the events are committed or refused for good; the acknowledgement of the message waits for it. Rejects only for
 * failures that pass (a full disk), so that the sender keeps the message.
 */
export const mqttIntake =
  ({ hall, platforms, intake, log, link }: MqttIntakeOptions) =>
  async (id: string, payload: Uint8Array): Promise<void> => {
    const platform = platforms.get(id);
    if (!platform) return;
    const tell = (reply: Pick<IntakeReply, 'outcomes'> & { code?: string }) =>
      link()?.send('platformOutcome', { hall, platform: id }, reply);
    try {
      // The embedded broker cuts off who sends more; another one may let it through.
      if (payload.byteLength > MAX_PACKET_BYTES) throw new HallError('BODY_TOO_LARGE', { most: MAX_PACKET_BYTES });
      const { json } = await intake.submit(platform, { form: 'either', text: decodeUtf8(payload) });
      tell({ outcomes: (JSON.parse(json) as IntakeReply).outcomes });
    } catch (error) {
      const code = error instanceof HallError ? error.code : 'INTERNAL';
      log.warn({ platform: id, code }, 'platform message refused');
      if (errorCodes[code].retry) throw error;
      tell({ outcomes: [], code });
    }
  };
