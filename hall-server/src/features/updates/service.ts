/** Bundles that agents are updated from: files in `updates/` of the data folder, named by their hash. */
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, type ReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { HallError, MOST_BUNDLE_BYTES, type BundleView, type Clock, type CommandView } from '@hall/contracts';
import type { Writer } from '../../platform/store/writer.ts';
import type { Asker } from '../audit/chain.ts';
import type { CommandService } from '../commands/service.ts';
import { describe, HEAD_BYTES } from './bundle-head.ts';

/** Bundles at most; old ones are deleted by a person. */
const MOST_BUNDLES = 10;
/** A token lets one agent fetch one bundle for so long, ms: a slow line takes its time, and a command begins late. */
const TOKEN_MS = 3 * 60 * 60 * 1000;
const NAME = /^[0-9a-f]{64}$/;

export interface UpdateService {
  /** Newest first. */
  list(): Promise<BundleView[]>;
  /** @throws HallError UPDATE_INVALID, UPDATE_UNSIGNED, UPDATE_TOO_LARGE, CONFLICT for one too many. */
  upload(asker: Asker, bytes: AsyncIterable<Uint8Array>): Promise<BundleView>;
  /** @throws HallError NOT_FOUND. */
  remove(asker: Asker, sha256: string): Promise<void>;
  /** Commands an agent to update itself. @throws HallError NOT_FOUND, AGENT_UNKNOWN. */
  offer(asker: Asker, sha256: string, agent: string): Promise<CommandView>;
  /**
   * A part of a bundle for whoever shows a token of `offer`; both ends inclusive.
   * @throws HallError SIGN_IN_REQUIRED, NOT_FOUND.
   */
  read(
    sha256: string,
    token: string,
    range: (size: number) => { from: number; to: number },
  ): Promise<{ size: number; from: number; to: number; stream: ReadStream }>;
}

export interface UpdateServiceOptions {
  readonly hall: string;
  /** Data folder of the server. */
  readonly data: string;
  readonly clock: Clock;
  readonly writer: Pick<Writer, 'call'>;
  readonly commands: Pick<CommandService, 'give'>;
}

export function createUpdateService({ hall, data, clock, writer, commands }: UpdateServiceOptions): UpdateService {
  const folder = path.join(data, 'updates');
  const tokens = new Map<string, { readonly sha256: string; readonly untilMs: number }>();
  const fileOf = (sha256: string) => {
    if (!NAME.test(sha256)) throw new HallError('NOT_FOUND', { field: '/sha256' });
    return path.join(folder, sha256);
  };

  async function view(sha256: string): Promise<BundleView> {
    const handle = await open(fileOf(sha256), 'r').catch((error: unknown) => {
      throw new HallError('NOT_FOUND', { field: '/sha256' }, error);
    });
    try {
      const { size } = await handle.stat();
      const start = Buffer.alloc(Math.min(size, HEAD_BYTES));
      await handle.read(start, 0, start.length, 0);
      return { sha256, ...describe(start, size) };
    } finally {
      await handle.close();
    }
  }

  const audit = ({ by, address }: Asker, action: string, { sha256, version }: BundleView) =>
    writer.call('audit.append', { person: by, action, object: sha256, outcome: 'done', details: { version, address } });

  const names = async () => (await readdir(folder).catch(() => [])).filter((name) => NAME.test(name));

  return {
    async list() {
      const views = await Promise.all((await names()).map((name) => view(name).catch(() => undefined)));
      return views.filter((one) => one !== undefined).toSorted((a, b) => b.created - a.created);
    },
    async upload(asker, bytes) {
      if ((await names()).length >= MOST_BUNDLES) throw new HallError('CONFLICT', { reason: `at most ${MOST_BUNDLES} bundles` });
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const fresh = path.join(folder, `${randomBytes(8).toString('hex')}.new`);
      const handle = await open(fresh, 'wx', 0o600);
      try {
        const hash = createHash('sha256');
        let size = 0;
        let start = Buffer.alloc(0);
        for await (const chunk of bytes) {
          size += chunk.length;
          if (size > MOST_BUNDLE_BYTES) throw new HallError('UPDATE_TOO_LARGE');
          if (start.length < HEAD_BYTES) start = Buffer.concat([start, chunk]);
          hash.update(chunk);
          await handle.write(chunk);
        }
        const made: BundleView = { sha256: hash.digest('hex'), ...describe(start, size) };
        await handle.sync();
        await audit(asker, 'update.upload', made);
        await rename(fresh, fileOf(made.sha256));
        return made;
      } finally {
        await handle.close();
        await rm(fresh, { force: true });
      }
    },
    async remove(asker, sha256) {
      await audit(asker, 'update.remove', await view(sha256));
      await rm(fileOf(sha256), { force: true });
    },
    async offer(asker, sha256, agent) {
      const { size, version } = await view(sha256);
      const token = randomBytes(32).toString('base64url');
      const now = clock.machine.nowMs();
      for (const [held, { untilMs }] of tokens) if (untilMs <= now) tokens.delete(held);
      tokens.set(token, { sha256, untilMs: now + TOKEN_MS });
      const bundle = `/api/v1/halls/${hall}/updates/${sha256}/bundle`;
      return commands.give(asker, { act: 'update', agent, arguments: { path: bundle, token, sha256, size, version } });
    },
    async read(sha256, token, range) {
      const held = tokens.get(token);
      if (!held || held.sha256 !== sha256 || held.untilMs <= clock.machine.nowMs()) throw new HallError('SIGN_IN_REQUIRED');
      const { size } = await view(sha256);
      const { from, to } = range(size);
      return { size, from, to, stream: createReadStream(fileOf(sha256), { start: from, end: to }) };
    },
  };
}
