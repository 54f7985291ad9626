/** Somebody who listens to what is meant for the platform, so that they pass a cable and are looked at even where no platform listens. */
import { addressOf } from '@hall/contracts';
import mqtt from 'mqtt';

export interface EarOptions {
  readonly url: string;
  readonly hall: string;
  readonly platform: string;
  readonly password: string;
}

const AGAIN_MS = 100;

/** Resolves when it listens; comes back by itself after a restart of the broker. */
export async function openOutcomeEar({ url, hall, platform, password }: EarOptions): Promise<{ close(): Promise<void> }> {
  const client = await mqtt.connectAsync(url, {
    clientId: `${platform}.ear`,
    username: platform,
    password,
    reconnectPeriod: AGAIN_MS,
  });
  client.on('error', () => {});
  const topics = [addressOf('platformOutcome', { hall, platform }), addressOf('platformIsland', { hall, platform })];
  await client.subscribeAsync(topics, { qos: 1 });
  return { close: () => client.endAsync(true) };
}
