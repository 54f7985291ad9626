/** The promises of the area `hall`, in the order in which they are shown. */
import type { Promised } from '../promise.ts';
import { badInput } from './bad-input.ts';
import { day } from './day.ts';
import { driverLinks } from './driver-links.ts';
import { frozenAndFloods } from './floods.ts';
import { freshMachineStart, freshMachineTest } from './fresh-machine.ts';
import { kill9 } from './kill-9.ts';
import { powerCut } from './power-cut.ts';
import { externalBroker, outsideSenders } from './senders.ts';
import { staleGuard } from './stale-guard.ts';

export const hall: readonly Promised[] = [
  freshMachineStart,
  freshMachineTest,
  outsideSenders,
  driverLinks,
  kill9,
  powerCut,
  day,
  staleGuard,
  badInput,
  frozenAndFloods,
  externalBroker,
];
