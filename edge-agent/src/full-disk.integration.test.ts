import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { AGENT, HALL, dataFolder, setup } from './fixture.ts';

const patience = { timeout: 60_000, interval: 50 };

/** An agent process whose data lie on a small disk of its own, which no other process sees. */
async function onSmallDisk(url: string) {
  const folder = dataFolder();
  const disk = path.join(folder, 'disk');
  mkdirSync(disk);
  const file = path.join(folder, 'agent.json');
  const server = { url, passwordFile: path.join(folder, 'password') };
  const config = { hall: HALL, agent: AGENT, server, data: path.join(disk, 'data'), kiosk: { port: 0 }, log: 'info' };
  writeFileSync(file, JSON.stringify(config));
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  const mount = 'mount -t tmpfs -o size=4m none "$0" && exec "$@"';
  const within = ['-m', 'sh', '-c', mount, disk, process.execPath, '--conditions=@hall/source', '--import', 'tsx'];
  const child = spawn('unshare', [...within, main, 'start', '--config', file], {
    cwd: fileURLToPath(new URL('../../', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await gone;
  });
  await new Promise<void>((resolve, reject) => {
    let heard = '';
    child.stdout.on('data', (bytes: Buffer) => {
      heard = (heard + bytes.toString()).slice(-4000);
      if (heard.includes('"agent started"')) resolve();
    });
    void gone.then(() => reject(new Error(heard)));
  });
  const filler = path.join(`/proc/${child.pid}/root${disk}`, 'filler');
  return {
    /** Takes the space that is left. Once more, for what was given back meanwhile. */
    fill: () => {
      const open = openSync(filler, 'a');
      const full = () => {
        for (const bytes of [64 * 1024, 4096]) {
          try {
            for (;;) writeSync(open, Buffer.alloc(bytes));
          } catch (error) {
            if ((error as { code?: string }).code !== 'ENOSPC') throw error;
          }
        }
      };
      full();
      closeSync(open);
    },
    free: () => rmSync(filler),
    isAlive: () => child.exitCode === null && child.signalCode === null,
  };
}

test('on a full disk the strip shows every call, nothing that is to be told is lost, and all goes on when there is space', async () => {
  const { hall, card, call, lease } = await setup();
  const disk = await onSmallDisk(hall.url);
  const shown = (ticket: string) => vi.waitFor(() => expect(card.texts()).toContain(ticket), patience);
  const status = () => hall.saidOf('status').at(-1);
  const confirmed = () =>
    hall
      .saidOf('up')
      .flatMap(({ records }) => records)
      .filter(({ type }) => type === 'screen.confirmed');
  await shown('A001');

  disk.fill();
  let last = 1;
  const callNext = async () => {
    last += 1;
    await lease();
    await call(`A${String(last).padStart(3, '0')}`);
    await shown(`A${String(last).padStart(3, '0')}`);
  };
  while (status()?.store !== 'full') {
    expect(last).toBeLessThan(400);
    await callNext();
  }
  const told = confirmed().length;
  for (let more = 0; more < 10; more += 1) await callNext();
  expect(status()?.store).toBe('full');
  const reported = () => hall.saidOf('reported').at(-1)?.screen?.text.join(' ');
  await vi.waitFor(() => expect(reported()).toContain(`A${String(last).padStart(3, '0')}`), patience);
  expect(disk.isAlive()).toBe(true);

  disk.free();
  const texts = () => confirmed().map(({ data }) => (data['text'] as string[]).join(' '));
  await vi.waitFor(() => expect(texts().at(-1)).toContain(`A${String(last).padStart(3, '0')}`), patience);
  await vi.waitFor(() => expect(status()?.store).toBe('ok'), patience);
  // Each call was confirmed once and is told in its order, those of the full disk too.
  const tickets = texts().flatMap((text) => /A\d{3}/.exec(text)?.[0] ?? []);
  expect([...new Set(tickets)]).toEqual(Array.from({ length: last }, (_, n) => `A${String(n + 1).padStart(3, '0')}`));
  expect(confirmed().length).toBeGreaterThan(told);
  const seqs = hall.saidOf('up').flatMap(({ records }) => records.map(({ seq }) => seq));
  expect([...new Set(seqs)]).toEqual(Array.from({ length: Math.max(...seqs) }, (_, n) => n + 1));
  expect(status()?.counters['outbox.lost']).toBeUndefined();
  expect(disk.isAlive()).toBe(true);
}, 180_000);
