/** The hall server's own broker as a process of its own, so that it can be killed and asked like the others. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.ts';
import { brokerProcess, runBroker, SERVER, type OutsideBroker } from './outside-broker.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const MAIN = path.join(root, 'proof/src/harness/embedded-main.ts');
/** What the process says. */
export const LISTENS = 'embedded broker listens';
export const RELOADED = 'embedded broker knows its users';

/** Of the package that the hall server is pinned to. */
async function aedesVersion(): Promise<string> {
  const own = JSON.parse(await readFile(path.join(root, 'hall-server/package.json'), 'utf8')) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  return own.dependencies['aedes'] ?? 'unknown';
}

/** Starts one, its files in the folder. Its server signs in over TCP like everybody else, which in a hall server it need not. */
export async function startEmbedded(folder: string, hall: string): Promise<OutsideBroker> {
  const at = (name: string) => path.join(folder, name);
  const port = await freePort();
  const passwordFile = at('server.mqtt-password');
  await writeFile(passwordFile, SERVER.password, { mode: 0o600 });
  return runBroker({
    name: 'embedded',
    version: await aedesVersion(),
    port,
    passwordFile,
    write: (users) => writeFile(at('embedded.users'), JSON.stringify(users), { mode: 0o600 }),
    // It has no store.
    begin: async () => {
      const source = ['--conditions=@hall/source', '--import', 'tsx'];
      const broker = brokerProcess(process.execPath, [...source, MAIN, hall, String(port), at('embedded.users')], {}, root);
      await broker.saying(LISTENS);
      return broker;
    },
    reload: async (broker) => {
      const reloaded = broker.saying(RELOADED);
      broker.signal('SIGHUP');
      await reloaded;
    },
  });
}
