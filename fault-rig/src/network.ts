/**
 * A network of the kernel between this process and programs it starts elsewhere: a namespace of its own with one cable per link,
 * which is pulled, loses packets or becomes slow on request. Bytes are not looked at; what TCP does about a fault is the kernel's.
 * Linux only, with `ip`, `nft` and `tc`, as root or where `sudo` asks nothing.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** `there`: towards the namespace; `here`: from it. */
export type Way = 'there' | 'here' | 'both';

export interface Slowness {
  /** Rate, kbit/s; at least 8. */
  readonly kbit: number;
  /** What waits longer than this is dropped, ms. */
  readonly queueMs: number;
}

export interface NetworkLink {
  readonly name: string;
  /** Of the far end, as programs here reach it. */
  readonly there: string;
  /** Of the near end, as programs there reach it. */
  readonly here: string;
  /** Takes the cable out: packets go nowhere and nobody is told. Or plugs it in again. */
  down(down: boolean): Promise<void>;
  /** Share of packets that are lost, 0 to 1. */
  lose(way: Way, share: number): Promise<void>;
  slow(way: Way, slowness: Slowness | undefined): Promise<void>;
  /** A healthy cable again. */
  clear(): Promise<void>;
}

export interface Network {
  /** Words that start a command inside the namespace; the command follows. */
  readonly inside: readonly string[];
  readonly links: ReadonlyMap<string, NetworkLink>;
  /** Takes namespace and cables away. Programs started inside must have ended. */
  close(): Promise<void>;
}

/** Parts of a million, as the kernel's random number is drawn. */
const PARTS = 1_000_000;
let made = 0;

/** The rule that loses a share of what comes in at an interface, as text for `nft -f`; without a share an empty chain. */
export function lossRules(device: string, share: number): string {
  const parts = Math.round(Math.min(1, Math.max(0, share)) * PARTS);
  const which = parts < PARTS ? ` numgen random mod ${PARTS} < ${parts}` : '';
  const rule = parts === 0 ? '' : `\n    iifname "${device}"${which} drop`;
  return `table inet rig_${device} {}
delete table inet rig_${device}
table inet rig_${device} {
  chain lose {
    type filter hook input priority 0; policy accept;${rule}
  }
}
`;
}

/** Arguments of `tc` that make the egress of an interface slow, or as fast as it was. */
export function slowArguments(device: string, slowness: Slowness | undefined): readonly string[] {
  if (!slowness) return ['qdisc', 'replace', 'dev', device, 'root', 'pfifo_fast'];
  const rate = `${Math.max(8, Math.round(slowness.kbit))}kbit`;
  return ['qdisc', 'replace', 'dev', device, 'root', 'tbf', 'rate', rate, 'burst', '4kb', 'latency', `${slowness.queueMs}ms`];
}

/**
 * Makes a namespace with a link for each name; addresses are 10.213.{n}.{1,2} of pairs not in use by other networks of this
 * process.
 * @throws Error with what the kernel's tool said, after everything made so far was taken away.
 */
export async function openNetwork(names: readonly string[]): Promise<Network> {
  const elevate = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  const command = async (...words: readonly string[]): Promise<void> => {
    const [program = '', ...args] = [...elevate, ...words];
    await run(program, args);
  };
  const feed = async (words: readonly string[], text: string): Promise<void> => {
    const [program = '', ...args] = [...elevate, ...words];
    const running = run(program, args);
    running.child.stdin?.end(text);
    await running;
  };
  const space = `hall-${process.pid}-${(made += 1)}`;
  const inside = [...elevate, 'ip', 'netns', 'exec', space];
  const within = ['ip', 'netns', 'exec', space];
  const devices: string[] = [];

  const close = async (): Promise<void> => {
    for (const device of devices) await feed(['nft', '-f', '-'], lossRules(device, 0)).catch(() => {});
    for (const device of devices) await command('nft', 'delete', 'table', 'inet', `rig_${device}`).catch(() => {});
    // The far ends go with the namespace, and the near ends with them.
    await command('ip', 'netns', 'del', space);
  };

  async function link(name: string, place: number): Promise<NetworkLink> {
    // 15 characters at most; the process id keeps runs apart.
    const near = `hn${process.pid}x${made}x${place}`.slice(0, 15);
    const far = `hf${place}`;
    const net = `10.213.${(process.pid + made * 16 + place) % 250}`;
    const [here, there] = [`${net}.1`, `${net}.2`];
    await command('ip', 'link', 'add', near, 'type', 'veth', 'peer', 'name', far, 'netns', space);
    devices.push(near);
    await command('ip', 'addr', 'add', `${here}/24`, 'dev', near);
    await command('ip', 'link', 'set', near, 'up');
    await command(...within, 'ip', 'addr', 'add', `${there}/24`, 'dev', far);
    await command(...within, 'ip', 'link', 'set', far, 'up');
    const self: NetworkLink = {
      name,
      here,
      there,
      // Everything is lost in both ways: taking the interface down would tell the programs at this end.
      down: (down) => self.lose('both', down ? 1 : 0),
      async lose(way, share) {
        if (way !== 'there') await feed(['nft', '-f', '-'], lossRules(near, share));
        if (way !== 'here') await feed([...within, 'nft', '-f', '-'], lossRules(far, share));
      },
      async slow(way, slowness) {
        if (way !== 'here') await command('tc', ...slowArguments(near, slowness));
        if (way !== 'there') await command(...within, 'tc', ...slowArguments(far, slowness));
      },
      async clear() {
        await self.lose('both', 0);
        await self.slow('both', undefined);
      },
    };
    return self;
  }

  await command('ip', 'netns', 'add', space);
  try {
    await command(...within, 'ip', 'link', 'set', 'lo', 'up');
    const links = new Map<string, NetworkLink>();
    for (const [place, name] of names.entries()) links.set(name, await link(name, place));
    return { inside, links, close };
  } catch (error) {
    await close();
    throw error;
  }
}
