import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { FakeClock } from '@hall/contracts';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createEdgeAgent } from './agent.ts';
import { parseConfig } from './config.ts';
import { AGENT, dataFolder, HALL, log, within } from './fixture.ts';

async function takenPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

test.each(['kiosk', 'island'] as const)('an agent whose port for %s is taken leaves nothing running', async (section) => {
  const folder = dataFolder();
  const clock = new FakeClock();
  const port = await takenPort();
  const config = parseConfig({
    hall: HALL,
    agent: AGENT,
    server: { url: 'mqtt://127.0.0.1:9', passwordFile: path.join(folder, 'password') },
    data: folder,
    kiosk: { port: 0 },
    [section]: { port },
    log: 'silent',
  });
  await expect(createEdgeAgent(config, { clock, log })).rejects.toMatchObject({ code: 'PORT_TAKEN' });
  // Whoever still waits for a time would write to a store that is closed.
  await vi.waitFor(() => expect(clock.sleeping).toBe(0), within);
});
