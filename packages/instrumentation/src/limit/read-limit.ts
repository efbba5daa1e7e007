import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import { isMainThread, resourceLimits } from 'node:worker_threads';
import { deriveOldSpaceLimit, type OldSpaceLimit } from './derive-limit.ts';
import { parseHeapFlags } from './heap-flags.ts';

/**
 * The limit of this isolate. Read once at start: near-limit hooks raise `heap_size_limit` later, and that is a last
 * breath, not room.
 */
export function readOldSpaceLimit(): OldSpaceLimit {
  const { maxOldGenerationSizeMb = 0, maxYoungGenerationSizeMb = 0 } = resourceLimits;
  return deriveOldSpaceLimit({
    flags: parseHeapFlags(process.execArgv, process.env['NODE_OPTIONS'] ?? ''),
    nodeMajor: Number.parseInt(process.versions.node, 10),
    totalMemoryBytes: totalmem(),
    constrainedMemoryBytes: process.constrainedMemory(),
    heapSizeLimitBytes: getHeapStatistics().heap_size_limit,
    worker: isMainThread ? null : { maxOldGenerationSizeMb, maxYoungGenerationSizeMb },
  });
}
