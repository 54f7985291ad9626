/** The heap of an edge agent, a small machine. To be imported before anything else. */
import { boundHeap } from '@hall/runtime';

// With little overflow from a young generation of 8 MB the old one is seldom full, so it may grow in small steps.
boundHeap({ youngBytes: 8 * 1024 * 1024, oldFlags: ['--optimize-for-size'] });
