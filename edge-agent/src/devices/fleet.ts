/** All devices of the agent, kept as their documents say. */
import type { Logger } from 'pino';
import { createTurns } from '../turns.ts';
import { reconcile, type Document, type Step } from '../twin/reconcile.ts';
import { startDevice, type DeviceHost, type DocumentEar, type World } from './device-host.ts';
import type { Fallback } from './fallback.ts';

export interface Fleet {
  /** Starts, restarts, replans and stops devices; resolves when the stopped ones are closed. */
  become(documents: ReadonlyMap<string, Document>): Promise<void>;
  readonly hosts: ReadonlyMap<string, DeviceHost>;
  /** Devices that go on with the last document that worked. */
  fellBack(): string[];
  close(): Promise<void>;
}

export function createFleet(world: World, fallback: Fallback, log: Logger): Fleet {
  const hosts = new Map<string, DeviceHost>();
  let wanted: ReadonlyMap<string, Document> = new Map();
  const inTurn = createTurns();

  const ear: DocumentEar = {
    opened: fallback.opened,
    refused: (document, code) => {
      if (fallback.refused(document, code)) void become(wanted);
    },
  };

  const become = (documents: ReadonlyMap<string, Document>): Promise<void> => {
    wanted = documents;
    return inTurn(async () => {
      const running = new Map([...hosts].map(([id, { document }]) => [id, document]));
      const steps = reconcile(fallback.inForce(documents), running);
      // Stops end first, so that a cable that changes its device is free; the others do not wait for each other.
      await Promise.all(steps.filter((step) => step.do === 'stop').map(take));
      await Promise.all(steps.filter((step) => step.do !== 'stop').map(take));
    });
  };

  async function take(step: Step): Promise<void> {
    switch (step.do) {
      case 'start':
        hosts.set(step.document.device.id, startDevice(step.document, world, ear));
        return;
      case 'replan':
        hosts.get(step.document.device.id)?.replan(step.document);
        return;
      case 'restart': {
        const { id } = step.document.device;
        await hosts.get(id)?.close();
        hosts.set(id, startDevice(step.document, world, ear));
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
    become,
    fellBack: () => [...hosts].filter(([, { document }]) => document.fallen).map(([id]) => id),
    close: () =>
      inTurn(async () => {
        await Promise.all([...hosts.values()].map((host) => host.close()));
      }),
  };
}
