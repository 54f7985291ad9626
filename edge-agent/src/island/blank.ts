/** The local blank key: all screens of this agent black until it is released, with or without a server, also over a restart. */
import type { Clock, ScreenPlan } from '@hall/contracts';
import { BLANK } from '@hall/model';
import { sceneHash, sceneText, type Scene } from '@hall/templates';
import type { OutboxLimits } from '../outbox/limits.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { Store } from '../store/store.ts';
import type { Decision } from '../screens/decide.ts';
import { createTurns } from '../turns.ts';

export interface BlankKey {
  readonly blanked: boolean;
  /** Resolves when it is on disk. @throws HallError STORE_FAILED; the screens have obeyed all the same. */
  set(on: boolean, key: string): Promise<void>;
}

export interface BlankOptions {
  readonly blanked: boolean;
  readonly store: Store;
  readonly outbox: Pick<Outbox, 'committed'>;
  readonly limits: OutboxLimits;
  readonly hallTime: Clock['hall'];
  onChange(): void;
}

/** Screen first, disk second: whoever presses it has a reason. */
export function createBlankKey({ blanked: remembered, store, outbox, limits, hallTime, onChange }: BlankOptions): BlankKey {
  let blanked = remembered;
  const inTurn = createTurns();
  return {
    get blanked() {
      return blanked;
    },
    async set(on, key) {
      if (on === blanked) return;
      blanked = on;
      onChange();
      const type = on ? ('agent.blanked' as const) : ('agent.unblanked' as const);
      const records = [{ type, at: hallTime.nowMs(), data: { key } }];
      await inTurn(async () => outbox.committed(await store.call('saveBlanked', { blanked: on, records, limits })));
    },
  };
}

/**
 * A picture that is black on purpose: one empty line over the whole screen. A card that is given nothing at all would show its
 * stored text.
 */
export function darkened(decision: Decision): Decision {
  const { drawing } = decision;
  const { widthPx, heightPx } = drawing.scene;
  const cover = { area: 0, xPx: 0, yPx: 0, widthPx, heightPx, text: ' ', fontPx: 16, ink: 'red', align: 'left' } as const;
  const scene: Scene = { widthPx, heightPx, items: [cover] };
  return { ...decision, drawing: { ...drawing, scene, hash: sceneHash(scene), text: sceneText(scene) } };
}

/** The same screen with nothing on it. */
export const blackened = (plan: ScreenPlan): ScreenPlan => ({
  ...plan,
  regions: [
    {
      id: 'main',
      layers: [{ id: 'blank', class: 'emergency', seq: 0, content: BLANK, source: { kind: 'person', id: 'blank-key' } }],
    },
  ],
});
