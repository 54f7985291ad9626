#!/usr/bin/env -S node --v8-pool-size=1 --single-threaded-gc --no-memory-reducer
/** The `hall-agent` command. */
import './small-heap.ts';

// A static import would be evaluated before the line above wherever a bundler puts other files in front of this one.
await import('./command.ts');
