import { FakeClock, MAX_PACKET_BYTES, addressOf, envelope, upTopics, type Payload } from '@hall/contracts';
import { pino } from 'pino';
import { expect, test, vi } from 'vitest';
import { createLink, type CarrierEars, type UpHandlers } from './link.ts';

const AGENT = { hall: 'demo', agent: 'agent-a' } as const;
const { wall } = new FakeClock();

async function linkWithEars() {
  const handlers = Object.fromEntries(upTopics.map((name) => [name, vi.fn<() => void>()])) as unknown as UpHandlers;
  let ears: CarrierEars | undefined;
  const link = await createLink({
    hall: 'demo',
    gen: () => 'gen-1',
    epoch: 'epoch-1',
    wall,
    log: pino({ level: 'silent' }),
    handlers,
    carrier: (given) => {
      ears = given;
      return Promise.resolve({ connected: true, publish: () => Promise.resolve(), close: () => Promise.resolve() });
    },
  });
  if (!ears) throw new Error('the link has asked for no carrier');
  return { link, handlers, ears };
}

/** A valid message of this many bytes: white space is no part of what it says. */
function resyncOf(bytes: number): Buffer {
  const payload: Payload<'resync'> = { epoch: 'e', gen: 'g', seq: 1 };
  const text = JSON.stringify(envelope('resync', '/hall/demo/agent/agent-a', 'm-1', 0, payload));
  return Buffer.from(text.padEnd(bytes, ' '));
}

test('a message as large as the limit is heard, whatever broker brought it', async () => {
  const { link, handlers, ears } = await linkWithEars();
  ears.heard(addressOf('resync', AGENT), resyncOf(MAX_PACKET_BYTES));
  expect(handlers.resync).toHaveBeenCalledWith(AGENT, { epoch: 'e', gen: 'g', seq: 1 });
  expect(link.invalid).toBe(0);
});

test('one byte more is refused unread and counted', async () => {
  const { link, handlers, ears } = await linkWithEars();
  ears.heard(addressOf('resync', AGENT), resyncOf(MAX_PACKET_BYTES + 1));
  expect(handlers.resync).not.toHaveBeenCalled();
  expect(link.invalid).toBe(1);
});

test.each(['hall/1/demo/agent/+/resync', 'hall/1/demo/agent//resync', 'hall/1/demo/agent/Agent-A/resync'])(
  'nobody is spoken to as %s',
  async (address) => {
    const { handlers, ears } = await linkWithEars();
    ears.heard(address, resyncOf(0));
    expect(handlers.resync).not.toHaveBeenCalled();
  },
);
