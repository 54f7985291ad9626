/** The heap of a hall server, which shares a hall PC with others. To be imported before anything else. */
import { boundHeap } from '@hall/runtime';

// V8 would let the old generation grow to four times what lives in it.
boundHeap({ youngBytes: 16 * 1024 * 1024, oldFlags: ['--heap-growing-percent=25'] });
