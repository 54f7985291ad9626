/** The promises of the area `hall`, in the order in which they are shown. */
import type { Promised } from '../promise.ts';

export const hall: readonly Promised[] = [];
