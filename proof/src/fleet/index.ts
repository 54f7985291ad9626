/** The promises of the area `fleet`, in the order in which they are shown. */
import type { Promised } from '../promise.ts';
import { outboxDrain } from './outbox-drain.ts';

export const fleet: readonly Promised[] = [outboxDrain];
