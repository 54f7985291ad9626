import { FakeClock, HallError } from '@hall/contracts';
import { expect, test } from 'vitest';
import type { Link } from './link.ts';
import { supervise, type Closable } from './supervise.ts';

function setup(
  open: () => Promise<Closable>,
  use: (device: Closable) => Promise<void> = (device) => device.closed.then(() => {}),
) {
  const clock = new FakeClock();
  const over = new AbortController();
  const links: Array<Link['at']> = [];
  const codes: string[] = [];
  const done = supervise(
    {
      open,
      use,
      onLink: (link, cause) => {
        links.push(link.at);
        if (cause) codes.push(cause.code);
      },
    },
    { clock, signal: over.signal, random: () => 0 },
  );
  return { clock, over, links, codes, done };
}

function device() {
  let settle: (reason: Error | undefined) => void = () => {};
  const closed = new Promise<Error | undefined>((resolve) => {
    settle = resolve;
  });
  return { closed, close: async () => settle(undefined), lose: (reason?: Error) => settle(reason) };
}

test('a device that is away is tried again until it is there', async () => {
  let tries = 0;
  const live = device();
  const { clock, links, codes, over, done } = setup(async () => {
    tries += 1;
    if (tries < 4) throw new HallError('DEVICE_OFFLINE');
    return live;
  });
  await clock.advance(5000);
  expect({ tries, last: links.at(-1), codes }).toEqual({
    tries: 4,
    last: 'online',
    codes: ['DEVICE_OFFLINE', 'DEVICE_OFFLINE', 'DEVICE_OFFLINE'],
  });
  over.abort();
  await done;
  expect(links.at(-1)).toBe('stopped');
});

test('an error while using a device ends the link with its code, and the device is closed', async () => {
  let closed = 0;
  const { clock, codes, over, done } = setup(
    async () => {
      const live = device();
      return { closed: live.closed, close: async () => ((closed += 1), live.close()) };
    },
    async () => {
      throw new HallError('DEVICE_REFUSED');
    },
  );
  await clock.advance(50);
  expect({ closed, codes }).toEqual({ closed: 1, codes: ['DEVICE_REFUSED'] });
  over.abort();
  await done;
});

test('a device that closes with a reason of ours keeps it; any other loss is offline', async () => {
  const devices = [device(), device()];
  let at = 0;
  const { clock, codes, over, done } = setup(async () => devices[at++] ?? device());
  await clock.advance(10);
  devices[0]?.lose(new HallError('DEVICE_TIMEOUT'));
  await clock.advance(1000);
  devices[1]?.lose(new Error('read ECONNRESET'));
  await clock.advance(10);
  expect(codes).toEqual(['DEVICE_TIMEOUT', 'DEVICE_OFFLINE']);
  over.abort();
  await done;
});

test('a cable that keeps breaking is back within two seconds each time; a device that refuses is asked more rarely', async () => {
  const tries = async (use: () => Promise<void>): Promise<number> => {
    let opened = 0;
    const { clock, over, done } = setup(async () => {
      opened += 1;
      return device();
    }, use);
    await clock.advance(30_000);
    over.abort();
    await done;
    return opened;
  };
  const broken = await tries(async () => {
    throw new HallError('DEVICE_TIMEOUT');
  });
  const refusing = await tries(async () => {
    throw new HallError('DEVICE_REFUSED');
  });
  expect(broken).toBeGreaterThanOrEqual(30);
  expect(refusing).toBeLessThan(broken / 2);
});

test('stopping while a device is in use closes it and ends', async () => {
  const live = device();
  const { clock, links, over, done } = setup(async () => live);
  await clock.advance(10);
  over.abort();
  await done;
  await expect(live.closed).resolves.toBeUndefined();
  expect(links).toEqual(['opening', 'online', 'stopped']);
});
