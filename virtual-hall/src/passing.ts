/** Makes sense of MQTT messages that pass by on an agent's cable: live fields going down, reports going up. */
import { Envelope, LiveField, Reported, topicOf } from '@hall/contracts';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { PassingMessage } from './mqtt-tap.ts';
import type { ToldView } from './stage-messages.ts';

const isEnvelope = Compile(Envelope);
const isReported = Compile(Reported);
const isLive = Compile(Type.Object({ fields: Type.Array(LiveField) }));
const decoder = new TextDecoder();

export interface PassingReaders {
  readonly liveField: (field: LiveField, topic: string, bytes: number) => void;
  readonly told: (view: ToldView) => void;
}

/** Reads one message; anything else than a live message or a report is passed over. */
export function readPassing({ topic, payload }: PassingMessage, { liveField, told }: PassingReaders): void {
  const place = topicOf(topic);
  if (place?.name !== 'live' && place?.name !== 'reported') return;
  let envelope: unknown;
  try {
    envelope = JSON.parse(decoder.decode(payload));
  } catch {
    return;
  }
  if (!isEnvelope.Check(envelope)) return;
  const { data } = envelope;
  if (place.name === 'live' && isLive.Check(data)) {
    for (const field of data.fields) liveField(field, topic, payload.length);
  }
  const { device } = place.names;
  if (place.name === 'reported' && device !== undefined && isReported.Check(data)) {
    const { screen, link } = data;
    told({
      device,
      link,
      text: screen?.text ?? [],
      level: screen?.level ?? 'none',
      freshness: screen?.freshness ?? '',
      ...(screen?.confirmedAt === undefined ? {} : { confirmedAt: screen.confirmedAt }),
    });
  }
}
