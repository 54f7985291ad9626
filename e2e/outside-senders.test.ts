/** Events by senders no one here wrote end as pictures on strips, whichever broker carries them. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { CloudEvent, HTTP } from 'cloudevents';
import { Webhook } from 'standardwebhooks';
import { brokersFor, HALL, PLATFORM, SOURCE, startHall, type RunningHall } from '@hall/proof';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

const run = promisify(execFile);
describe.each(brokersFor(['embedded', 'mosquitto']))('with the broker: %s', (broker) => {
  let hall: RunningHall;
  beforeAll(async () => {
    hall = await startHall({ windows: 4, broker });
  });
  afterAll(() => hall?.close());

  /** The text lines on the strip of a window, as the card drew them. */
  const shown = (window: string): string => hall.strips.get(`strip-${window}`)?.simulator.texts().join(' ') ?? '';
  const now = () => new Date(hall.clock.hall.nowMs()).toISOString();

  /** Signs with the public library; answers the Standard Webhooks headers. */
  function signed(id: string, body: string): Record<string, string> {
    const at = new Date(hall.clock.wall.nowMs());
    const signature = new Webhook(hall.secret).sign(id, at, body);
    return { 'webhook-id': id, 'webhook-timestamp': String(Math.floor(at.getTime() / 1000)), 'webhook-signature': signature };
  }

  test('a structured event made by the cloudevents package and signed by standardwebhooks', async () => {
    const event = new CloudEvent({
      id: 'ce-1',
      source: SOURCE,
      type: 'ticket.called',
      subject: 'd1-A101',
      time: now(),
      sequence: '1',
      data: { ticket: 'A101', window: 'w01' },
    });
    const { headers, body } = HTTP.structured(event);
    const reply = await fetch(hall.eventsUrl, {
      method: 'POST',
      headers: { ...(headers as Record<string, string>), ...signed('m-1', String(body)) },
      body: String(body),
    });
    expect([reply.status, await reply.json()]).toMatchObject([202, { accepted: 1 }]);
    await vi.waitFor(() => expect(shown('w01')).toContain('A101'), { timeout: 10_000 });
  });

  test('a binary event made by the cloudevents package', async () => {
    const event = new CloudEvent({
      id: 'ce-2',
      source: SOURCE,
      type: 'ticket.called',
      subject: 'd1-A102',
      time: now(),
      sequence: '1',
      data: { ticket: 'A102', window: 'w02' },
    });
    const { headers, body } = HTTP.binary(event);
    const reply = await fetch(hall.eventsUrl, {
      method: 'POST',
      headers: { ...(headers as Record<string, string>), ...signed('m-2', String(body)) },
      body: String(body),
    });
    expect([reply.status, await reply.json()]).toMatchObject([202, { accepted: 1 }]);
    await vi.waitFor(() => expect(shown('w02')).toContain('A102'), { timeout: 10_000 });
  });

  test('a batch posted by curl', async () => {
    const body = JSON.stringify([
      {
        specversion: '1.0',
        id: 'ce-3',
        source: SOURCE,
        type: 'ticket.called',
        subject: 'd1-A103',
        time: now(),
        sequence: '1',
        data: { ticket: 'A103', window: 'w03' },
      },
    ]);
    const headers = Object.entries({ 'content-type': 'application/cloudevents-batch+json', ...signed('m-3', body) }).flatMap(
      ([name, value]) => ['-H', `${name}: ${value}`],
    );
    const { stdout } = await run('curl', ['-sS', '-w', ' %{http_code}', ...headers, '--data-binary', body, hall.eventsUrl]);
    expect(stdout).toMatch(/ 202$/);
    await vi.waitFor(() => expect(shown('w03')).toContain('A103'), { timeout: 10_000 });
  });

  test("Debian's mosquitto_pub on the intake topic", async () => {
    const { port } = new URL(hall.platformMqttUrl);
    const event = {
      specversion: '1.0',
      id: 'ce-4',
      source: SOURCE,
      type: 'ticket.called',
      subject: 'd1-A104',
      time: now(),
      sequence: '1',
      data: { ticket: 'A104', window: 'w04' },
    };
    await run('mosquitto_pub', [
      '-h',
      '127.0.0.1',
      '-p',
      port,
      '-q',
      '1',
      '-i',
      PLATFORM,
      '-u',
      PLATFORM,
      '-P',
      hall.mqttPassword,
      '-t',
      `hall/1/${HALL}/platform/${PLATFORM}/events`,
      '-m',
      JSON.stringify(event),
    ]);
    await vi.waitFor(() => expect(shown('w04')).toContain('A104'), { timeout: 10_000 });
  });

  test('the message of mosquitto_pub was held against the AsyncAPI document', () => {
    expect(hall.messages.seen.get('platformEvents')).toBe(1);
  });
});
