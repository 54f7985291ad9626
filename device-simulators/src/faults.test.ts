import { duplexPair } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { FakeClock } from '@hall/contracts';
import { concat } from '@hall/wire';
import { linkOf, paced } from './byte-link.ts';
import { createFaults } from './faults.ts';

const counting = (length: number) => Uint8Array.from({ length }, (_, at) => at & 0xff);

function setup(seed?: number) {
  const clock = new FakeClock();
  const wire = createFaults(clock, seed);
  const [near, far] = duplexPair();
  const chunks: Buffer[] = [];
  const heard: Uint8Array[] = [];
  near.on('data', (bytes: Buffer) => void chunks.push(bytes));
  near.on('error', () => undefined);
  const link = wire.wrap(linkOf(far));
  link.onBytes((bytes) => void heard.push(bytes));
  return { clock, faults: wire.faults, near, far, link, chunks, seen: () => Uint8Array.from(concat(...chunks)), heard };
}

describe('faults of a wire', () => {
  test('a healthy wire changes nothing', async () => {
    const { link, near, clock, seen, heard } = setup();
    await link.send(counting(1000));
    near.write(counting(300));
    await clock.advance(0);
    expect(seen()).toEqual(counting(1000));
    expect(concat(...heard)).toEqual(counting(300));
  });

  test('split writes keep every byte in order, each on its own', async () => {
    const { link, faults, clock, seen, chunks } = setup();
    faults.split = true;
    void link.send(counting(200));
    void link.send(counting(56));
    for (let turn = 0; turn < 200; turn += 1) await clock.advance(0);
    expect(seen()).toEqual(concat(counting(200), counting(56)));
    expect(chunks.length).toBeGreaterThan(100);
  });

  test('slow answers come late, in order, and whole', async () => {
    const { link, faults, clock, seen } = setup();
    faults.slowMs = 5000;
    void link.send(Uint8Array.of(1));
    void link.send(Uint8Array.of(2));
    await clock.advance(4999);
    expect(seen()).toHaveLength(0);
    await clock.advance(1);
    expect(seen()).toEqual(Uint8Array.of(1));
    faults.slowMs = 0;
    void link.send(Uint8Array.of(3));
    await clock.advance(5000);
    expect(seen()).toEqual(Uint8Array.of(1, 2, 3));
  });

  test('silence swallows answers but not what is heard', async () => {
    const { link, faults, near, clock, seen, heard } = setup();
    faults.silence = true;
    await link.send(counting(3));
    near.write(counting(3));
    await clock.advance(0);
    expect(seen()).toHaveLength(0);
    expect(concat(...heard)).toEqual(counting(3));
  });

  test('a deaf device hears nothing and can still speak', async () => {
    const { link, faults, near, clock, seen, heard } = setup();
    faults.deaf = true;
    near.write(counting(3));
    await link.send(counting(2));
    await clock.advance(0);
    expect(heard).toEqual([]);
    expect(seen()).toEqual(counting(2));
  });

  test('the same seed damages the same bytes, and about as many as asked', async () => {
    const damage = async (seed: number) => {
      const { link, faults, clock, seen } = setup(seed);
      faults.corruptAnswers = 0.1;
      await link.send(counting(1000));
      await clock.advance(0);
      return seen();
    };
    const first = await damage(7);
    expect(first).toHaveLength(1000);
    const changed = first.filter((byte, at) => byte !== (at & 0xff)).length;
    expect(changed).toBeGreaterThan(60);
    expect(changed).toBeLessThan(150);
    expect(await damage(7)).toEqual(first);
    expect(await damage(8)).not.toEqual(first);
  });

  test('damage on the way in reaches the device', async () => {
    const { faults, near, clock, heard } = setup();
    faults.corruptRequests = 1;
    near.write(counting(50));
    await clock.advance(0);
    expect(concat(...heard).every((byte, at) => byte !== at)).toBe(true);
  });

  test('an echo comes back before the answer', async () => {
    const { faults, near, clock, seen, link } = setup();
    faults.echo = true;
    near.write(Uint8Array.of(1, 2));
    await clock.advance(0);
    await link.send(Uint8Array.of(9));
    await clock.advance(0);
    expect(seen()).toEqual(Uint8Array.of(1, 2, 9));
  });

  test('a cut after n bytes lets exactly n through', async () => {
    const { faults, link, clock, seen, far } = setup();
    faults.cutAfterBytes = 5;
    await link.send(Uint8Array.of(1, 2, 3));
    await link.send(Uint8Array.of(4, 5, 6));
    await clock.advance(0);
    expect(seen()).toEqual(Uint8Array.of(1, 2, 3, 4, 5));
    expect(far.destroyed).toBe(true);
    expect(faults.cutAfterBytes).toBeUndefined();
  });

  test('cut breaks the connection now, and a send after it resolves', async () => {
    const { faults, link, far } = setup();
    faults.cut();
    expect(far.destroyed).toBe(true);
    await expect(link.send(counting(3))).resolves.toBeUndefined();
  });

  test('clear ends every fault', () => {
    const { faults } = setup();
    Object.assign(faults, { silence: true, slowMs: 9, split: true, echo: true, corruptAnswers: 1, cutAfterBytes: 1 });
    faults.clear();
    expect(faults).toMatchObject({
      silence: false,
      slowMs: 0,
      split: false,
      echo: false,
      corruptAnswers: 0,
      cutAfterBytes: undefined,
    });
  });
});

describe('pacing', () => {
  function line(baud: number) {
    const clock = new FakeClock();
    const [near, far] = duplexPair();
    const heard: Uint8Array[] = [];
    const link = paced(linkOf(far), baud, clock);
    link.onBytes((bytes) => void heard.push(bytes));
    return { clock, near, far, link, heard: () => Uint8Array.from(concat(...heard)) };
  }

  test('576 bytes take 100 ms at 57,600 bit/s, and arrive in order', async () => {
    const { clock, near, heard } = line(57_600);
    near.write(counting(576));
    await clock.advance(99);
    expect(heard().length).toBeGreaterThan(500);
    expect(heard().length).toBeLessThan(576);
    await clock.advance(1.1);
    expect(heard()).toEqual(counting(576));
  });

  test('both directions pace on their own', async () => {
    const { clock, near, link, heard } = line(9600);
    let sent = false;
    void link.send(counting(96)).then(() => (sent = true));
    near.write(counting(96));
    await clock.advance(99);
    expect(sent).toBe(false);
    await clock.advance(2);
    expect(sent).toBe(true);
    expect(heard()).toEqual(counting(96));
  });

  test('a broken line leaves nobody waiting', async () => {
    const { clock, far, link } = line(9600);
    const sending = link.send(counting(9600));
    far.destroy();
    await clock.advance(1);
    await expect(sending).resolves.toBeUndefined();
    expect(clock.sleeping).toBe(0);
  });
});
