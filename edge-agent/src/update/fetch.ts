/**
 * Gets a bundle from the hall server, piece by piece and not fast, for calls go over the same line. What has come stays when it is
 * broken off, and the next try goes on behind it. The connection proves nothing and need not: the bundle is judged by its hash and
 * its signature.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { request as plain, type IncomingMessage } from 'node:http';
import { request as secure } from 'node:https';
import path from 'node:path';
import { HallError, type Clock, MOST_BUNDLE_BYTES } from '@hall/contracts';
import { checkSpace } from './releases.ts';

/** One request asks for so much, bytes. */
const PIECE_BYTES = 128 * 1024;
/** A piece has to be here within this, ms. */
const PIECE_MS = 30_000;

export interface Wanted {
  readonly url: URL;
  readonly token: string;
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
}
export interface FetchOptions {
  /** Where downloads lie. */
  readonly folder: string;
  /** At most so fast. */
  readonly bytesPerS: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * The whole bundle as a file.
 * @throws HallError UPDATE_TOO_LARGE, UPDATE_NO_SPACE, UPDATE_DAMAGED (nothing is kept), AGENT_OFFLINE when the server does not
 * give it (what has come is kept).
 */
export async function fetchBundle(wanted: Wanted, { folder, bytesPerS, clock, signal }: FetchOptions): Promise<string> {
  const { sha256, size } = wanted;
  if (size > MOST_BUNDLE_BYTES) throw new HallError('UPDATE_TOO_LARGE', { size });
  const file = path.join(folder, `${sha256}.part`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // Only one bundle is on its way at a time.
  for (const name of await readdir(folder))
    if (path.join(folder, name) !== file) await rm(path.join(folder, name), { force: true });
  let at = await stat(file).then(
    (held) => held.size,
    () => 0,
  );
  if (at > size) {
    await rm(file);
    at = 0;
  }
  // Twice: the bundle, and the release that is made of it.
  checkSpace(folder, 2 * size - at);
  const handle = await open(file, 'a', 0o600);
  try {
    while (at < size) {
      const beganMs = clock.machine.nowMs();
      const piece = await pieceOf(wanted, at, Math.min(PIECE_BYTES, size - at), clock, signal);
      await handle.write(piece);
      at += piece.length;
      const restMs = (piece.length / bytesPerS) * 1000 - (clock.machine.nowMs() - beganMs);
      if (restMs > 0) await clock.machine.sleep(restMs, signal);
    }
    await handle.sync();
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ENOSPC' ? new HallError('UPDATE_NO_SPACE', {}, error) : error;
  } finally {
    await handle.close();
  }
  if ((await hashOf(file)) !== sha256) {
    await rm(file);
    throw new HallError('UPDATE_DAMAGED', { reason: 'sha256' });
  }
  return file;
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Exactly these bytes, from a server that answers with a range. */
async function pieceOf({ url, token }: Wanted, from: number, length: number, clock: Clock, signal: AbortSignal): Promise<Buffer> {
  const over = new AbortController();
  const end = AbortSignal.any([signal, over.signal]);
  const late = clock.machine.sleep(PIECE_MS, end).catch(() => {});
  const tooLate = new AbortController();
  void late.then(() => tooLate.abort());
  try {
    const headers = { range: `bytes=${from}-${from + length - 1}`, authorization: `Bearer ${token}` };
    const common = { headers, signal: tooLate.signal, agent: false as const };
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const asked = url.protocol === 'https:' ? secure(url, { ...common, rejectUnauthorized: false }) : plain(url, common);
      asked.on('error', reject);
      asked.on('response', resolve);
      asked.end();
    });
    if (response.statusCode !== 206) {
      response.destroy();
      throw new HallError('AGENT_OFFLINE', { status: response.statusCode });
    }
    const chunks: Buffer[] = [];
    let heard = 0;
    for await (const chunk of response) {
      heard += (chunk as Buffer).length;
      if (heard > length) throw new HallError('UPDATE_DAMAGED', { reason: 'range' });
      chunks.push(chunk as Buffer);
    }
    if (heard !== length) throw new HallError('AGENT_OFFLINE', { reason: 'cut off' });
    return Buffer.concat(chunks);
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof HallError ? error : new HallError('AGENT_OFFLINE', {}, error);
  } finally {
    over.abort();
  }
}
