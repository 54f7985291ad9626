import { MAX_PACKET_BYTES } from '@hall/contracts';
import { pino } from 'pino';
import { expect, test, vi } from 'vitest';
import { mqttIntake } from './mqtt-intake.ts';
import type { IntakeService } from './service.ts';

function intakeWithEars() {
  const submit = vi.fn<IntakeService['submit']>(() => Promise.resolve({ json: '{"outcomes":[]}' } as never));
  const send = vi.fn<() => void>();
  const take = mqttIntake({
    hall: 'demo',
    platforms: { get: () => ({ id: 'city' }) } as never,
    intake: { submit } as unknown as IntakeService,
    log: pino({ level: 'silent' }),
    link: () => ({ send }) as never,
  });
  return { take, submit, send };
}

test('a message as large as the limit is taken', async () => {
  const { take, submit } = intakeWithEars();
  await take('city', Buffer.alloc(MAX_PACKET_BYTES, ' '));
  expect(submit).toHaveBeenCalledOnce();
});

test('one byte more is answered with what is wrong, and is not kept for another try', async () => {
  const { take, submit, send } = intakeWithEars();
  await expect(take('city', Buffer.alloc(MAX_PACKET_BYTES + 1, ' '))).resolves.toBeUndefined();
  expect(submit).not.toHaveBeenCalled();
  expect(send).toHaveBeenCalledWith(
    'platformOutcome',
    { hall: 'demo', platform: 'city' },
    { outcomes: [], code: 'BODY_TOO_LARGE' },
  );
});
