/** All devices of the agent, kept as their documents say. */
import type { Logger } from 'pino';
import { createTurns } from '../turns.ts';
import { reconcile, type Document, type Step } from '../twin/reconcile.ts';
import { startDevice, type DeviceHost, type World } from './device-host.ts';

export interface Fleet {
  /** Starts, restarts, replans and stops devices; resolves when the stopped ones are closed. */
  become(documents: ReadonlyMap<string, Document>): Promise<void>;
  readonly hosts: ReadonlyMap<string, DeviceHost>;
  close(): Promise<void>;
}

export function createFleet(world: World, log: Logger): Fleet {
  const hosts = new Map<string, DeviceHost>();
  const inTurn = createTurns();

  async function take(step: Step): Promise<void> {
    switch (step.do) {
      case 'start':
        hosts.set(step.document.device.id, startDevice(step.document, world));
        return;
      case 'replan':
        hosts.get(step.document.device.id)?.replan(step.document);
        return;
      case 'restart': {
        const { id } = step.document.device;
        await hosts.get(id)?.close();
        hosts.set(id, startDevice(step.document, world));
        return;
      }
      case 'stop': {
        const host = hosts.get(step.device);
        hosts.delete(step.device);
        await host?.close();
        log.info({ device: step.device }, 'device given up');
      }
    }
  }

  return {
    hosts,
    become: (documents) =>
      inTurn(async () => {
        const running = new Map([...hosts].map(([id, { document }]) => [id, document]));
        const steps = reconcile(documents, running);
        // Stops end first, so that a cable that changes its device is free; the others do not wait for each other.
        await Promise.all(steps.filter((step) => step.do === 'stop').map(take));
        await Promise.all(steps.filter((step) => step.do !== 'stop').map(take));
      }),
    close: () =>
      inTurn(async () => {
        await Promise.all([...hosts.values()].map((host) => host.close()));
      }),
  };
}
