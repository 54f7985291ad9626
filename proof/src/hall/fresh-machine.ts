import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Promised } from '../promise.ts';

const SCRIPT = fileURLToPath(new URL('../../fresh-machine.sh', import.meta.url));
const TAIL_LINES = 40;

/** Must show 1: the README's command on a fresh machine. Needs root, debootstrap and the network. */
const fresh = (what: 'start' | 'test', zh: string, en: string): Promised => ({
  id: `fresh-machine-${what}`,
  zh,
  en,
  long: true,
  run: async ({ say }) => {
    const root = await mkdtemp('/var/tmp/hall-fresh.');
    try {
      const child = spawn('bash', [SCRIPT, what, root], { stdio: ['ignore', 'pipe', 'pipe'] });
      const lines: string[] = [];
      const hear = (chunk: Buffer) => {
        for (const line of chunk.toString().split('\n')) {
          if (line.trim() === '') continue;
          if (/^\+ |passed|stage reached|apt-get/.test(line)) say(line);
          lines.push(line);
          if (lines.length > TAIL_LINES) lines.shift();
        }
      };
      child.stdout.on('data', hear);
      child.stderr.on('data', hear);
      const [code] = (await once(child, 'exit')) as [number | null];
      const seconds = Number(/^seconds (\d+)$/m.exec(lines.join('\n'))?.[1] ?? Number.NaN);
      const last = lines.filter((line) => /passed|stage reached/.test(line)).at(-1) ?? '';
      const pass = code === 0 && Number.isFinite(seconds);
      return {
        pass,
        measured: pass ? `npm ${what}: ${last} After ${seconds} s.` : `ended with ${code}:\n${lines.join('\n')}`,
        ...(pass ? { figures: { seconds } } : {}),
      };
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  },
});

export const freshMachineStart = fresh(
  'start',
  '全新的 Debian（只有 Node 20）上，README 的 npm start 能打开画面在变化的大厅',
  'On a fresh Debian with nothing but Node 20, the README’s npm start reaches a stage on which windows change.',
);
export const freshMachineTest = fresh(
  'test',
  '全新的 Debian（只有 Node 20）上，README 的 npm test 全部通过',
  'On a fresh Debian with nothing but Node 20, the README’s npm test passes.',
);
